import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createApi } from "../../client/api.ts";
import { ApiFailure } from "../../client/failure.ts";
import { callOnce, createHttp } from "../../client/http.ts";
import { type AccessCookie, createRenewal } from "../../client/renewal.ts";
import { type ProblemKind, toProblem } from "../../core/contract/problem.ts";
import { createFakeClock } from "./support/fake-clock.ts";

type Seen = { method: string; url: string; conditions: string[]; body: string };
let server: Server;
let seen: Seen[];
let answer: (call: Seen, response: ServerResponse) => void;
let clock: ReturnType<typeof createFakeClock>;
let cookie: AccessCookie | undefined;
let signedOut: number;

beforeEach(async () => {
  [seen, cookie, signedOut, clock] = [[], undefined, 0, createFakeClock()];
  server = createServer(async (request, response) => {
    const call = await readCall(request);
    seen.push(call);
    answer(call, response);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, "close");
});

async function readCall(request: IncomingMessage): Promise<Seen> {
  let body = "";
  for await (const chunk of request) body += chunk;
  const names = ["idempotency-key", "if-match", "if-none-match"];
  const conditions = names.flatMap((name) => request.headers[name] ?? []);
  return { method: request.method ?? "", url: request.url ?? "", conditions, body };
}

const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const fetchHere: typeof fetch = (path, init) => fetch(`${origin()}${path}`, init);

/** One tab; tabs share the cookie, and `exclusive` when they are given the same. */
function openTab(exclusive: <T>(work: () => Promise<T>) => Promise<T> = (work) => work()) {
  const renewal = createRenewal({
    refresh: () => callOnce({ fetch: fetchHere, clock }, "/api/auth/refresh", { method: "POST" }),
    accessCookie: { read: () => cookie, write: (value) => (cookie = value) },
    exclusive,
    clock,
    serverNow: clock.now,
  });
  const http = createHttp({
    fetch: fetchHere,
    clock,
    random: () => 0.5,
    currentCookie: renewal.current,
    renew: renewal.renew,
    signedOut: () => (signedOut += 1),
  });
  return { api: createApi(http), renewal };
}

const json = (response: ServerResponse, status: number, body: unknown) =>
  response
    .writeHead(status, { "content-type": status < 400 ? "application/json" : "application/problem+json" })
    .end(JSON.stringify(body));
const refuse = (response: ServerResponse, kind: ProblemKind, extras = {}) => {
  const problem = toProblem(kind, extras);
  json(response, problem.status, problem);
};
const refreshes = () => seen.filter(({ url }) => url === "/api/auth/refresh").length;

/** A server whose access token is dead until it was refreshed. */
function expiredToken(): void {
  let good = false;
  answer = ({ url }, response) => {
    if (url === "/api/auth/refresh") {
      good = true;
      json(response, 200, { user: {}, expiresIn: 600 });
    } else if (good) json(response, 200, { items: [] });
    else refuse(response, "not-signed-in");
  };
}

const failureOf = async (call: Promise<unknown>): Promise<ApiFailure> => {
  const error = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof ApiFailure)) throw new Error(`Not an ApiFailure: ${error}`);
  return error;
};

describe("refusals", () => {
  it("become failures of their kind, with all that the problem tells", async () => {
    answer = (_call, response) =>
      refuse(response, "subscription-limit", { detail: "Free holds 25.", requiredPlan: "plus" });
    const failure = await failureOf(openTab().api.putSubscription("s1", {}, { idempotencyKey: "change-1" }));
    expect(failure).toMatchObject({ kind: "subscription-limit", message: "Free holds 25." });
    expect(failure.problem?.requiredPlan).toBe("plus");
  });

  it("are told as unavailable when a proxy answers with a page", async () => {
    answer = (_call, response) => response.writeHead(502, { "content-type": "text/html" }).end("<h1>");
    expect((await failureOf(openTab().api.rename("Me"))).kind).toBe("unavailable");
  });

  it("are told as offline when there is no answer", async () => {
    answer = (_call, response) => response.destroy();
    expect((await failureOf(openTab().api.me())).kind).toBe("offline");
  });

  it("are told as offline when the answer breaks off", async () => {
    answer = (_, response) => {
      response.writeHead(200, { "content-type": "application/json", "content-length": 100 });
      response.write('{"userId":', () => response.destroy());
    };
    expect((await failureOf(openTab().api.me())).kind).toBe("offline");
  });

  it("are told as offline when no answer comes in time", async () => {
    const asked = Promise.withResolvers<void>();
    answer = () => asked.resolve();
    const failure = failureOf(openTab().api.me());
    await asked.promise;
    clock.advance(20_000);
    expect((await failure).kind).toBe("offline");
  });

  it("stay an abort when the caller gave up", async () => {
    answer = () => {};
    const caller = new AbortController();
    const call = openTab().api.songs({ q: "a" }, caller.signal);
    caller.abort();
    await expect(call).rejects.toMatchObject({ name: "AbortError" });
  });
});

describe("requests", () => {
  it("carry query, body, the name of the change and what it builds on", async () => {
    answer = (_call, response) => json(response, 200, {});
    const { api } = openTab();
    await api.songs({ q: "dvořák & co", limit: 20 });
    await api.patchSubscription("s/1", { rating: null }, { idempotencyKey: "change-1", ifMatch: 7 });
    await api.deleteSubscription("s2", { idempotencyKey: "change-2", ifNoneMatch: "*" });
    expect(seen).toEqual([
      { method: "GET", url: "/api/songs?q=dvo%C5%99%C3%A1k+%26+co&limit=20", conditions: [], body: "" },
      {
        method: "PATCH",
        url: "/api/subscriptions/s%2F1",
        conditions: ["change-1", '"7"'],
        body: '{"rating":null}',
      },
      { method: "DELETE", url: "/api/subscriptions/s2", conditions: ["change-2", "*"], body: "" },
    ]);
  });

  it("understand an empty answer", async () => {
    answer = (_call, response) => response.writeHead(204).end();
    expect(await openTab().api.logout()).toBeUndefined();
  });
});

describe("renewal", () => {
  it("happens once for all calls that met the dead token, and each is repeated once", async () => {
    expiredToken();
    const { api } = openTab();
    await Promise.all([api.sessions(), api.plans(), api.albums({})]);
    expect(refreshes()).toBe(1);
    expect(seen.length).toBe(7);
  });

  it("happens once for all tabs", async () => {
    expiredToken();
    let queue = Promise.resolve<unknown>(undefined);
    const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
      const turn = queue.then(work);
      queue = turn.catch(() => {});
      return turn;
    };
    const tabs = [openTab(inTurn), openTab(inTurn), openTab(inTurn)];
    const calls = tabs.map(({ api }) => api.sessions());
    clock.advance(5);
    await Promise.all(calls);
    expect(refreshes()).toBe(1);
  });

  it("is not tried for a wrong password", async () => {
    answer = (_call, response) => refuse(response, "wrong-credentials");
    const { api } = openTab();
    const input = { currentPassword: "a", newPassword: "b" };
    expect((await failureOf(api.changePassword(input))).kind).toBe("wrong-credentials");
    expect((await failureOf(api.login({ email: "a@example.com", password: "x" }))).kind).toBe(
      "wrong-credentials",
    );
    expect(refreshes()).toBe(0);
  });

  it("tells that the session is over when it is refused", async () => {
    answer = ({ url }, response) =>
      refuse(response, url.startsWith("/api/auth") ? "session-ended" : "not-signed-in");
    expect((await failureOf(openTab().api.me())).kind).toBe("session-ended");
    expect(signedOut).toBe(1);
  });

  it("does not take a lost connection for the end of the session", async () => {
    answer = ({ url }, response) => {
      if (url === "/api/auth/refresh") response.destroy();
      else refuse(response, "not-signed-in");
    };
    expect((await failureOf(openTab().api.me())).kind).toBe("offline");
    expect(signedOut).toBe(0);
  });

  it("runs ahead of each expiry", async () => {
    answer = (_call, response) => json(response, 200, { user: {}, expiresIn: 600 });
    const { renewal } = openTab();
    renewal.note({ expiresIn: 600, user: { userId: "u1" } });
    const stop = renewal.keepFresh();
    await expect.poll(() => clock.pending()).toBe(1);
    clock.advance(539_000);
    expect(refreshes()).toBe(0);
    clock.advance(2_000);
    await expect.poll(refreshes).toBe(1);
    await expect.poll(() => clock.pending()).toBe(1);
    stop();
    clock.advance(3_600_000);
    expect(refreshes()).toBe(1);
  });

  it("makes sure of a good token before audio is asked for", async () => {
    answer = (_call, response) => json(response, 200, { user: {}, expiresIn: 600 });
    const { renewal } = openTab();
    renewal.note({ expiresIn: 30, user: { userId: "u1" } });
    await renewal.ensureFresh();
    await renewal.ensureFresh();
    expect(refreshes()).toBe(1);
  });
});
