import Fastify, { type FastifyInstance } from "fastify";
import { ulid } from "ulid";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { SongRecord } from "../../core/domain/catalogue/ports.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { httpApiGateway } from "../../infra/local/gateway/http-api.ts";
import { restRoutes } from "../../lambdas/routes/rest.ts";
import { createSubscriptionsHandler } from "../../lambdas/subscriptions.ts";
import { startTestAws, type TestAws } from "../support/engines.ts";
import { databaseOf, newActor, subscriptionDeps } from "../support/subscriptions.ts";

let aws: TestAws;
let app: FastifyInstance;
let token: string;
const songId = ulid();
const actors = new Map<string, ReturnType<typeof newActor>>();
const logged: unknown[] = [];

beforeAll(async () => {
  aws = await startTestAws();
  await createSongStore(databaseOf(aws)).put(song);
  app = Fastify();
  const handler = createHandler();
  const own = restRoutes.filter(({ area }) => area === "subscriptions");
  app.register(httpApiGateway, { routes: own.map(({ method, path }) => ({ method, path, handler })) });
});
afterAll(async () => {
  await app.close();
  await aws.close();
});
beforeEach(async () => {
  token = await signIn();
});

/** Accounts and songs are the real ones; only the token is replaced by a name. */
function createHandler() {
  const database = databaseOf(aws);
  const log = (fields: unknown) => void logged.push(fields);
  return createSubscriptionsHandler({
    ...subscriptionDeps(database),
    accounts: createAccountStore(database),
    songs: createSongStore(database),
    authenticate: async (accessToken) => {
      const actor = actors.get(accessToken);
      if (!actor) throw new DomainError("not-signed-in");
      return actor;
    },
    allowedOrigins: [],
    cookies: { secure: false },
    rates: { user: { take: () => {} }, stranger: { take: () => {} } },
    log: { info: log, warn: log, error: log },
  });
}

async function signIn(): Promise<string> {
  const actor = newActor();
  const { userId, email, role } = actor;
  const createdAt = "2026-01-01T00:00:00.000Z";
  const account = { userId, email, role, userName: "Listener", passwordHash: "-", createdAt };
  await createAccountStore(databaseOf(aws)).create({ ...account, plan: "free" });
  actors.set(userId, actor);
  return userId;
}

const song: SongRecord = {
  songId,
  title: "Air",
  artist: "Orchestra",
  album: "Suites",
  albumArtist: "Orchestra",
  durationSeconds: 60,
  tier: "free",
  addedAt: "2026-01-01T00:00:00.000Z",
  sha256: "0".repeat(64),
  audio: {
    key: "audio/air",
    etag: '"air"',
    sizeBytes: 1,
    contentType: "audio/mpeg",
    modifiedAt: "2026-01-01T00:00:00.000Z",
  },
  version: 1,
};

type Method = "GET" | "PUT" | "PATCH" | "DELETE";
async function call(method: Method, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const response = await app.inject({
    method,
    url: `/api/subscriptions${path}`,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body !== undefined && { "content-type": "application/json" }),
      ...headers,
    },
    ...(body !== undefined && { payload: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  return { status: response.statusCode, type: response.headers["content-type"], body: response.json() };
}
const put = (body?: unknown, headers?: Record<string, string>) => call("PUT", `/${songId}`, body, headers);

describe("subscriptions over HTTP", () => {
  it("are put, patched, listed and deleted", async () => {
    const created = await put();
    expect(created).toMatchObject({ status: 200, body: { revision: 1, subscription: { songId, tags: [] } } });
    const patched = await call("PATCH", `/${songId}`, { rating: 5, tags: ["morning"] });
    expect(patched.body).toMatchObject({ revision: 2, subscription: { rating: 5, tags: ["morning"] } });
    const { epoch } = patched.body;
    const { subscription } = patched.body;
    expect((await call("GET", "")).body).toEqual({ epoch, revision: 2, items: [subscription] });
    const removed = await call("DELETE", `/${songId}`);
    expect(removed).toMatchObject({ status: 200, body: { epoch, revision: 3, subscription: null } });
    const change = { op: "delete", songId, revision: 3 };
    expect((await call("GET", `?since=2&epoch=${epoch}`)).body).toEqual({
      epoch,
      revision: 3,
      changes: [change],
    });
  });

  it("belong to the user who asks", async () => {
    await put();
    token = await signIn();
    expect((await call("GET", "")).body).toMatchObject({ revision: 0, items: [] });
    expect((await call("PATCH", `/${songId}`, { pinned: true })).status).toBe(404);
  });

  it("take If-Match and Idempotency-Key", async () => {
    const key = { "idempotency-key": ulid() };
    await put({ rating: 1 }, key);
    await put({ rating: 2 }, { "if-match": '"1"' });
    expect((await put({ rating: 3 }, { "if-match": '"1"' })).body).toMatchObject({
      status: 412,
      kind: "precondition-failed",
    });
    expect((await put({ rating: 1 }, key)).body).toMatchObject({ revision: 2, subscription: { rating: 2 } });
  });

  it("take If-Match: *, to change only what is there", async () => {
    const any = { "if-match": "*" };
    expect((await put({ rating: 1 }, any)).body).toMatchObject({ status: 412, kind: "precondition-failed" });
    await put();
    expect(await put({ rating: 1 }, any)).toMatchObject({ status: 200, body: { revision: 2 } });
    expect(await call("DELETE", `/${songId}`, undefined, any)).toMatchObject({ status: 200 });
  });

  it.each(['"1"', "*"])("find no unknown song, whatever its condition (If-Match: %s)", async (match) => {
    const answer = await call("PUT", "/01UNKNOWN", {}, { "if-match": match });
    expect(answer.body).toMatchObject({ status: 404, kind: "not-found" });
  });

  it("take If-None-Match, to subscribe only where there is no subscription", async () => {
    const none = { "if-none-match": "*" };
    expect(await put({ rating: 1 }, none)).toMatchObject({ status: 200, body: { revision: 1 } });
    expect((await put({ rating: 2 }, none)).body).toMatchObject({ status: 412, kind: "precondition-failed" });
    expect(await put({ rating: 1 }, none)).toMatchObject({ status: 200, body: { revision: 1 } });
  });

  it("page by cursor", async () => {
    await put();
    const page = await call("GET", "?limit=1");
    expect(page.body).toMatchObject({ items: [{ songId }] });
    expect(page.body).not.toHaveProperty("nextCursor");
    expect((await call("GET", `?cursor=${"x".repeat(1_700)}`)).body).toMatchObject({
      status: 400,
      kind: "invalid-request",
    });
    expect((await call("GET", "?cursor=nonsense")).body).toMatchObject({
      status: 400,
      kind: "invalid-cursor",
    });
  });
});

describe("bad input", () => {
  it.each<[string, number, Method, string, unknown?, Record<string, string>?]>([
    ["an unknown song", 404, "PUT", "/01UNKNOWN", {}],
    ["an unknown property", 400, "PUT", `/${songId}`, { colour: "red" }],
    ["a rating out of range", 400, "PUT", `/${songId}`, { rating: 6 }],
    ["a rating that is text", 400, "PUT", `/${songId}`, { rating: "5" }],
    ["a null rating in PUT", 400, "PUT", `/${songId}`, { rating: null }],
    ["tags twice the same", 400, "PUT", `/${songId}`, { tags: ["a", "a"] }],
    ["too many tags", 400, "PUT", `/${songId}`, { tags: Array.from({ length: 21 }, (_, n) => `t${n}`) }],
    ["a blank tag", 400, "PUT", `/${songId}`, { tags: [" "] }],
    ["an empty PATCH", 400, "PATCH", `/${songId}`, {}],
    ["a PATCH without a body", 400, "PATCH", `/${songId}`],
    ["broken JSON", 400, "PUT", `/${songId}`, "{"],
    ["an array", 400, "PUT", `/${songId}`, []],
    ["an oversize body", 413, "PUT", `/${songId}`, { tags: ["x".repeat(300_000)] }],
    ["another media type", 415, "PUT", `/${songId}`, "x", { "content-type": "text/plain" }],
    ["an id with strange characters", 400, "PUT", "/a%20b", {}],
    ["an If-Match that is no revision", 400, "PUT", `/${songId}`, {}, { "if-match": "W/x" }],
    ["an If-None-Match that is not *", 400, "PUT", `/${songId}`, {}, { "if-none-match": '"1"' }],
    ["a short Idempotency-Key", 400, "PUT", `/${songId}`, {}, { "idempotency-key": "short" }],
    ["a negative since", 400, "GET", "?since=-1"],
    ["a since that is no number", 400, "GET", "?since=two"],
    ["a limit of 0", 400, "GET", "?limit=0"],
    ["an unknown query parameter", 400, "GET", "?colour=red"],
    ["a foreign token", 401, "GET", "", undefined, { authorization: "Bearer nobody" }],
  ])("%s gets a problem document", async (_, status, method, path, body, headers) => {
    const answer = await call(method, path, body, headers);
    expect(answer).toMatchObject({ status, body: { status, type: expect.stringMatching(/^\/problems\//) } });
    expect(answer.type).toContain("application/problem+json");
    expect(logged).toEqual([]);
  });

  it("the plan's limit names the plan that would do", async () => {
    const others = Array.from({ length: 25 }, () => ulid());
    for (const id of others) await createSongStore(databaseOf(aws)).put({ ...song, songId: id });
    for (const id of others) expect((await call("PUT", `/${id}`)).status).toBe(200);
    expect(await put()).toMatchObject({
      status: 403,
      body: { kind: "subscription-limit", requiredPlan: "plus" },
    });
  });
});
