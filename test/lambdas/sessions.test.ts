import { randomBytes, randomUUID } from "node:crypto";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { physicalTableName } from "../../core/aws/tables.ts";
import { authenticateSession } from "../../core/domain/accounts/authentication.ts";
import type { SessionRecord } from "../../core/domain/accounts/ports.ts";
import { hashSecret, newSecret } from "../../core/domain/accounts/refresh-token.ts";
import { maxSessions } from "../../core/domain/accounts/sessions.ts";
import { createTicket, redeemTicket } from "../../core/domain/accounts/tickets.ts";
import { createAccountsDeps, testDatabase } from "../support/accounts.ts";
import { type Answer, ownOrigin, problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

let world: RestWorld;
beforeAll(async () => {
  world = await startRestWorld();
});
afterAll(() => world.close());

const password = "a battery and a staple";
const newAddress = () => `${randomUUID()}@example.com`;

async function register(email = newAddress(), cookies: Record<string, string> = {}) {
  const body = { email, password, userName: "Someone" };
  const answer = await world.call("POST", "/api/auth/register", {
    body,
    cookies,
    headers: { origin: ownOrigin },
  });
  expect(answer.status).toBe(201);
  return { email, userId: String(answer.body.user.userId), cookies: cookiesOf(answer) };
}
const cookiesOf = ({ cookies }: Answer): Record<string, string> =>
  Object.fromEntries(cookies.map(({ name, value }) => [name, value]));
const login = (email: string, cookies: Record<string, string> = {}, session = "cookie") =>
  world.call("POST", "/api/auth/login", {
    body: { email, password, session },
    cookies,
    headers: { origin: ownOrigin },
  });
const refresh = (refreshToken: string) => world.call("POST", "/api/auth/refresh", { body: { refreshToken } });
const meBy = (cookies: Record<string, string>) => world.call("GET", "/api/me", { cookies });
const refreshTokenOf = (cookies: Record<string, string>) => cookies["encore-refresh"] ?? "";
const sessionIdOf = (refreshToken: string) => refreshToken.split(".")[0] ?? "";

async function auditOf(userId: string) {
  const { Items = [] } = await testDatabase(world.aws).client.send(
    new ScanCommand({ TableName: physicalTableName(world.aws.tablePrefix, "audit") }),
  );
  return Items.filter((item) => item.userId === userId);
}

describe("A refresh token that was never issued", () => {
  const guesses: [string, (own: string, other: string) => string][] = [
    ["is made up", (own) => `${sessionIdOf(own)}.${newSecret()}`],
    [
      "is made up with a tag",
      (own) => `${sessionIdOf(own)}.${randomBytes(64).toString("base64url").slice(0, 65)}`,
    ],
    ["is another session's", (own, other) => `${sessionIdOf(own)}.${other.split(".")[1]}`],
    ["is the own one with another tag", (own) => `${own.slice(0, -2)}${own.endsWith("AA") ? "BB" : "AA"}`],
    ["is the own one without its tag", (own) => own.slice(0, -22)],
  ];
  it.each(guesses)("and %s ends nothing, and the audit says nothing", async (_, guess) => {
    const [owner, other] = [await register(), await register()];
    const wrong = guess(refreshTokenOf(owner.cookies), refreshTokenOf(other.cookies));
    const answer = await refresh(wrong);
    expect(answer.status).toBe(401);
    expect(problemOf(answer).kind).toBe("session-ended");
    const out = await world.call("POST", "/api/auth/logout", {
      cookies: { "encore-refresh": wrong },
      headers: { origin: ownOrigin },
    });
    expect(out.status).toBe(204);
    expect((await login(other.email, { "encore-refresh": wrong })).status).toBe(200);
    expect((await meBy(owner.cookies)).status).toBe(200);
    expect(await auditOf(owner.userId)).toEqual([]);
  });

  it("is told from one that was, however long ago", async () => {
    const { cookies, userId } = await register();
    const tokens = [refreshTokenOf(cookies)];
    for (let renewal = 0; renewal < 5; renewal++)
      tokens.push((await refresh(tokens.at(-1) ?? "")).body.refreshToken);
    expect((await refresh(tokens[1] ?? "")).status).toBe(401);
    expect((await refresh(tokens.at(-1) ?? "")).status).toBe(401);
    expect(await auditOf(userId)).toEqual([expect.objectContaining({ action: "refresh-token-reused" })]);
  });
});

describe("A session of before tokens had tags", () => {
  it("goes on, and is guarded from its first renewal on", async () => {
    const { email, userId, cookies } = await register();
    const secret = newSecret();
    const sessionId = ulid();
    const { familyKey: _, ...row } = (await world.auth.sessions.get(
      sessionIdOf(refreshTokenOf(cookies)),
    )) as SessionRecord;
    await testDatabase(world.aws).client.send(
      new PutCommand({
        TableName: physicalTableName(world.aws.tablePrefix, "session"),
        Item: { ...row, sessionId, refreshHash: hashSecret(secret) },
      }),
    );
    const old = `${sessionId}.${secret}`;
    const both = await Promise.all([refresh(old), refresh(old)]);
    expect(both.map(({ status, body }) => [status, body.user.email])).toEqual(Array(2).fill([200, email]));
    const [first = "", again] = both.map(({ body }) => String(body.refreshToken));
    expect(again).toBe(first);
    const second = (await refresh(first)).body.refreshToken;
    const third = (await refresh(second)).body.refreshToken;
    // Nobody can say any more whether this was its own: it is refused, and that is all.
    expect((await refresh(old)).status).toBe(401);
    expect((await refresh(third)).status).toBe(200);
    expect((await refresh(first)).status).toBe(401);
    expect((await refresh(third)).status).toBe(401);
    expect(await auditOf(userId)).toHaveLength(1);
  });
});

describe("Signing in again in a browser", () => {
  it("ends the session that its cookies held, and no other", async () => {
    const { email, cookies } = await register();
    const elsewhere = cookiesOf(await login(email));
    const again = cookiesOf(await login(email, cookies));
    expect((await meBy(cookies)).status).toBe(401);
    expect((await refresh(refreshTokenOf(cookies))).status).toBe(401);
    for (const live of [again, elsewhere]) expect((await meBy(live)).status).toBe(200);
  });

  it.each(["encore-access", "encore-refresh"])("does so by %s alone", async (name) => {
    const { email, cookies } = await register();
    expect((await login(email, { [name]: cookies[name] ?? "" })).status).toBe(200);
    expect((await meBy(cookies)).status).toBe(401);
  });

  it("as somebody else ends it as well, by login and by registering", async () => {
    const [one, two] = [await register(), await register()];
    const asTwo = cookiesOf(await login(two.email, one.cookies));
    expect((await meBy(one.cookies)).status).toBe(401);
    await register(newAddress(), asTwo);
    expect((await meBy(asTwo)).status).toBe(401);
    expect((await meBy(two.cookies)).status).toBe(200);
  });

  it("with a wrong password, or for a client that keeps its tokens itself, ends none", async () => {
    const { email, cookies } = await register();
    const wrong = await world.call("POST", "/api/auth/login", {
      body: { email, password: "wrong wrong wrong" },
      cookies,
      headers: { origin: ownOrigin },
    });
    expect(wrong.status).toBe(401);
    expect((await login(email, cookies, "bearer")).status).toBe(200);
    expect((await meBy(cookies)).status).toBe(200);
  });
});

describe("An account", () => {
  it(`has at most ${maxSessions} sessions: the least used ends for one more`, async () => {
    const { email, cookies } = await register();
    world.clock.advance(1);
    const second = cookiesOf(await login(email));
    const deps = createAccountsDeps(testDatabase(world.aws), { clock: world.clock, keys: world.keys });
    const first = await deps.sessions.get(sessionIdOf(refreshTokenOf(second)));
    const rows = Array.from({ length: maxSessions - 2 }, () => ({
      ...(first as SessionRecord),
      sessionId: ulid(),
    }));
    await Promise.all(rows.map((row) => deps.sessions.create(row)));
    world.clock.advance(1);
    const used = (await refresh(refreshTokenOf(cookies))).body.refreshToken;
    world.clock.advance(1);
    const many = await Promise.all([login(email), login(email), login(email)]);
    const { items } = (
      await world.call("GET", "/api/me/sessions", { token: (await refresh(used)).body.accessToken })
    ).body;
    expect(items).toHaveLength(maxSessions);
    for (const one of many) expect((await meBy(cookiesOf(one))).status).toBe(200);
  });

  it("whose password two devices change at once is left with one of them", async () => {
    const { email, cookies } = await register();
    const other = cookiesOf(await login(email));
    const change = (by: Record<string, string>, newPassword: string) =>
      world.call("PUT", "/api/me/password", {
        cookies: by,
        headers: { origin: ownOrigin },
        body: { currentPassword: password, newPassword },
      });
    const answers = await Promise.all([
      change(cookies, "the first new password"),
      change(other, "the second new password"),
    ]);
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 401]);
    const alive = [await meBy(cookies), await meBy(other)].map(({ status }) => status);
    expect(alive).toEqual(answers.map(({ status }) => (status === 204 ? 200 : 401)));
  });
});

describe("A token whose user is not its session's", () => {
  it("opens neither the API, nor a live endpoint, nor does a ticket", async () => {
    const [owner, other] = [await register(), await register()];
    const sessionId = sessionIdOf(refreshTokenOf(owner.cookies));
    const deps = createAccountsDeps(testDatabase(world.aws), { clock: world.clock, keys: world.keys });
    for (const email of [owner.email, other.email]) {
      const identity = { userId: other.userId, sessionId, email };
      const token = deps.tokens.sign(identity);
      const answer = await world.call("GET", "/api/me", { token });
      expect(problemOf(answer).kind).toBe("session-ended");
      await expect(authenticateSession(deps, token)).rejects.toMatchObject({ kind: "session-ended" });
      const { ticket } = await createTicket(deps, identity);
      await expect(redeemTicket(deps, ticket)).rejects.toMatchObject({ kind: "session-ended" });
    }
    expect((await meBy(owner.cookies)).status).toBe(200);
  });
});
