import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRateLimiter } from "../../core/domain/accounts/rate-limiter.ts";
import { type Answer, problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

describe("A rate", () => {
  const limiter = () => {
    let now = 0;
    const { take } = createRateLimiter({ perSecond: 2, burst: 3 }, () => now);
    const refusal = (key: string) => {
      try {
        take(key);
        return undefined;
      } catch (error) {
        return (error as { extras: { retryAfterSeconds: number } }).extras.retryAfterSeconds;
      }
    };
    const wait = (ms: number) => {
      now += ms;
    };
    return { refusal, wait };
  };

  it("lets so many through at once and so many a second, for each key", () => {
    const { refusal, wait } = limiter();
    expect([1, 2, 3, 4].map(() => refusal("a"))).toEqual([undefined, undefined, undefined, 1]);
    expect(refusal("b")).toBeUndefined();
    wait(499);
    expect(refusal("a")).toBe(1);
    wait(1);
    expect([1, 2].map(() => refusal("a"))).toEqual([undefined, 1]);
    wait(60_000);
    expect([1, 2, 3, 4].map(() => refusal("a"))).toEqual([undefined, undefined, undefined, 1]);
  });

  it("remembers a bounded number of keys, those of last", () => {
    const { refusal } = limiter();
    for (const _ of [1, 2, 3]) refusal("busy");
    for (let key = 0; key < 9_999; key++) refusal(`other ${key}`);
    expect(refusal("busy")).toBe(1);
    for (let key = 0; key < 10_000; key++) refusal(`another ${key}`);
    expect(refusal("busy")).toBeUndefined();
  });
});

describe("The API as a whole", () => {
  let world: RestWorld;
  /** A user has 5 requests at once and one a second, a network 3 and half of one. */
  beforeAll(async () => {
    world = await startRestWorld({ throttleScale: 0.01 });
  });
  afterAll(() => world.close());

  const signUp = async (address: string) => {
    const body = {
      email: `${randomUUID()}@example.com`,
      password: "a battery and a staple",
      userName: "x",
      session: "bearer",
    };
    return (await world.call("POST", "/api/auth/register", { body, address })).body.accessToken as string;
  };
  const many = (call: () => Promise<Answer>) => Promise.all(Array.from({ length: 12 }, call));
  const requireRefusal = (answers: readonly Answer[]) => {
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    for (const answer of refused) {
      const { kind, retryAfterSeconds, detail } = problemOf(answer);
      expect(kind).toBe("too-many-requests");
      expect(answer.headers["retry-after"]).toBe(String(retryAfterSeconds));
      expect(detail).toMatch(/^Too many requests; try again in \d+ s$/);
    }
  };

  it("is limited for each user, wherever the requests come from", async () => {
    const [busy, other] = [await signUp("192.0.2.1"), await signUp("192.0.2.2")];
    let address = 0;
    const answers = await many(() =>
      world.call("GET", "/api/me", { token: busy, address: `198.51.100.${++address}` }),
    );
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(5);
    requireRefusal(answers);
    expect((await world.call("GET", "/api/me", { token: other, address: "198.51.100.1" })).status).toBe(200);
  });

  it("is limited for each network of those who are not signed in, and for nobody else there", async () => {
    const token = await signUp("192.0.2.3");
    const address = "203.0.113.1";
    requireRefusal(await many(() => world.call("GET", "/api/plans", { address })));
    requireRefusal(await many(() => world.call("GET", "/api/me", { token: "x.y.z", address })));
    expect((await world.call("GET", "/api/me", { token, address })).status).toBe(200);
    expect((await world.call("GET", "/api/plans", { address: "203.0.113.2" })).status).toBe(200);
  });

  it("gives one user so many tickets", async () => {
    const token = await signUp("192.0.2.4");
    const answers = [1, 2, 3].map(() => world.call("POST", "/api/live/tickets", { token }));
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([201, 429, 429]);
  });

  it("says so in its document, for each operation", async () => {
    const { body } = await world.call("GET", "/api/openapi.json", { address: "203.0.113.9" });
    for (const operations of Object.values<Record<string, { responses: object }>>(body.paths))
      for (const { responses } of Object.values(operations)) expect(responses).toHaveProperty("429");
  });
});
