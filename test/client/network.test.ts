import { beforeEach, describe, expect, it } from "vitest";
import { createNetwork } from "../../client/network.ts";
import type { AccessCookie } from "../../client/renewal.ts";
import { createFakeClock } from "./support/fake-clock.ts";

/** The server's clock, which it tells with each answer, and how often it made an access cookie. */
let server: { now: number; refreshes: number; paths: string[] };
let cookie: AccessCookie | undefined;
let clock: ReturnType<typeof createFakeClock>;

beforeEach(() => {
  server = { now: Date.parse("2026-03-01T12:00:00Z"), refreshes: 0, paths: [] };
  [cookie, clock] = [undefined, createFakeClock(50.3)];
});

const answer: typeof fetch = async (path) => {
  server.paths.push(String(path));
  if (path === "/api/auth/refresh") server.refreshes += 1;
  const body = { expiresIn: 600, user: { userId: "u1" } };
  return Response.json(body, { headers: { date: new Date(server.now).toUTCString() } });
};

/** A page of a browser; all of them share the cookie. */
const openPage = () =>
  createNetwork({
    fetch: answer,
    clock,
    random: () => 0.5,
    signedOut: () => {},
    exclusive: (work) => work(),
    accessCookie: { read: () => cookie, write: (value) => (cookie = value) },
  });

/** Time passes for the server, and for the page unless its computer sleeps. */
function pass(ms: number, { asleep = false } = {}): void {
  server.now += ms;
  if (!asleep) clock.advance(ms);
}

describe("The server's time", () => {
  it("is what its answers say, carried on; a late or cached answer does not put it back", async () => {
    const page = openPage();
    expect(page.serverNow()).toBeUndefined();
    await page.api.plans();
    pass(5_400);
    expect(page.serverNow()).toBe(server.now);
    server.now -= 4_000;
    await page.api.plans();
    expect(page.serverNow()).toBe(server.now + 4_000);
    clock.advance(0.4);
    expect(Number.isInteger(page.serverNow())).toBe(true);
  });
});

describe("An access cookie", () => {
  it("is known to be fresh in another page too, and renewed when it is about to expire", async () => {
    const first = openPage();
    await first.renewal.renew(undefined);
    pass(300_000);
    const second = openPage();
    await second.api.me();
    await second.renewal.ensureFresh();
    expect(server.refreshes).toBe(1);
    pass(241_000);
    await second.renewal.ensureFresh();
    expect(server.refreshes).toBe(2);
  });

  it("is renewed when its age is not known", async () => {
    cookie = { renewedAt: server.now, expiresAt: server.now + 600_000 };
    await openPage().renewal.ensureFresh();
    expect(server.refreshes).toBe(1);
  });

  it("is renewed after a sleep in which this page's measure of time stood still", async () => {
    const page = openPage();
    await page.renewal.renew(undefined);
    pass(900_000, { asleep: true });
    await page.wake();
    expect(server.refreshes).toBe(2);
  });

  it.each([-86_400_000, 86_400_000])(
    "is renewed at once where the server's clock was put by %i ms, and in time from then on",
    async (ms) => {
      await openPage().renewal.renew(undefined);
      server.now += ms;
      const page = openPage();
      await page.api.me();
      await page.renewal.ensureFresh();
      expect(server.refreshes).toBe(2);
      pass(539_000);
      await page.renewal.ensureFresh();
      expect(server.refreshes).toBe(2);
      pass(2_000);
      await page.renewal.ensureFresh();
      expect(server.refreshes).toBe(3);
    },
  );
});

describe("A server that can do nothing just now", () => {
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

  /** Refuses by these answers, and then no more; `asked` counts. */
  function openBusy(...refusals: readonly (readonly [status: number, retryAfter: string])[]) {
    let asked = 0;
    const fetchBusy: typeof fetch = async () => {
      const [status, after] = refusals[asked] ?? [200, ""];
      asked += 1;
      if (status === 200) return Response.json({ items: [] });
      return new Response("<h1>", { status, headers: { "retry-after": after } });
    };
    const { api } = createNetwork({
      fetch: fetchBusy,
      clock,
      random: () => 0.5,
      signedOut: () => {},
      exclusive: (work) => work(),
      accessCookie: { read: () => undefined, write: () => {} },
    });
    return { api, asked: () => asked };
  }

  async function wait(ms: number): Promise<void> {
    clock.advance(ms);
    await settle();
  }

  it("is asked again for what only reads, when it said and half a backoff later", async () => {
    const { api, asked } = openBusy([503, "3"], [502, ""]);
    const call = api.songs({});
    await settle();
    await wait(3_499);
    expect(asked()).toBe(1);
    await wait(1);
    expect(asked()).toBe(2);
    await wait(1_000);
    expect(await call).toEqual({ items: [] });
  });

  it.each([
    ["four times", "1", 4],
    ["once where it wants to be left alone for long", "60", 1],
  ])("is asked %s, and then the caller is told", async (_, after, times) => {
    const { api, asked } = openBusy(...Array.from({ length: 9 }, () => [503, after] as const));
    const outcome = api.me().catch((error: unknown) => error);
    for (let turn = 0; turn < 9; turn += 1) await wait(10_000);
    expect(await outcome).toMatchObject({ kind: "unavailable", retryAfterSeconds: Number(after) });
    expect(asked()).toBe(times);
  });

  it("that says nothing about audio is not heard from after 20 s", async () => {
    const { probe } = createNetwork({
      clock,
      random: () => 0.5,
      signedOut: () => {},
      exclusive: (work) => work(),
      accessCookie: { read: () => undefined, write: () => {} },
      fetch: (_path, init) =>
        new Promise((_, reject) => init?.signal?.addEventListener("abort", () => reject(new Error("late")))),
    });
    const verdict = probe("/stream/a?whole");
    await wait(20_000);
    expect(await verdict).toEqual({ kind: "offline" });
    expect(clock.pending()).toBe(0);
  });

  it("is asked no more when the caller gave up", async () => {
    const { api, asked } = openBusy([503, "1"]);
    const caller = new AbortController();
    const outcome = api.songs({}, caller.signal).catch((error: unknown) => error);
    await settle();
    caller.abort();
    expect(await outcome).toMatchObject({ name: "AbortError" });
    expect(asked()).toBe(1);
  });

  it("is not asked again to change anything", async () => {
    const { api, asked } = openBusy([503, "0"]);
    await expect(api.putSubscription("s1", {}, {})).rejects.toMatchObject({ kind: "unavailable" });
    expect(asked()).toBe(1);
  });
});
