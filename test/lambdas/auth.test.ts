import { randomUUID } from "node:crypto";
import { QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { createSigner } from "fast-jwt";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { physicalTableName } from "../../core/aws/tables.ts";
import { createTokenSigner, generateTokenKeys } from "../../core/domain/accounts/tokens.ts";
import { testDatabase } from "../support/accounts.ts";
import { type Answer, ownOrigin, problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

let world: RestWorld;
beforeAll(async () => {
  world = await startRestWorld();
});
afterAll(() => world.close());

const newAddress = () => `${randomUUID()}@example.com`;
const password = "a battery and a staple";
type SignedUp = { email: string; token: string; refreshToken: string; userId: string };

async function signUp(email = newAddress()): Promise<SignedUp> {
  const body = { email, password, userName: "Someone", session: "bearer" };
  const answer = await world.call("POST", "/api/auth/register", { body });
  expect(answer.status).toBe(201);
  const { user, accessToken, refreshToken } = answer.body;
  return { email, userId: user.userId, token: accessToken, refreshToken };
}
const login = (email: string, secret = password, more: object = {}, address?: string) =>
  world.call("POST", "/api/auth/login", {
    body: { email, password: secret, session: "bearer", ...more },
    ...(address && { address }),
  });
const refresh = (refreshToken: string) => world.call("POST", "/api/auth/refresh", { body: { refreshToken } });
const me = (token: string) => world.call("GET", "/api/me", { token });
const cookiesOf = ({ cookies }: Answer) =>
  Object.fromEntries(cookies.map(({ name, value }) => [name, value]));

describe("Registering", () => {
  it("answers the account, and cookies in place of tokens unless asked otherwise", async () => {
    const email = newAddress();
    const answer = await world.call("POST", "/api/auth/register", {
      body: { email, password, userName: " Ada " },
    });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      user: {
        userId: expect.any(String),
        email,
        userName: "Ada",
        role: "listener",
        plan: "free",
        entitlements: { fullSongs: "free", subscriptions: 25, devices: 1 },
        createdAt: expect.stringMatching(/^\d{4}-.*Z$/),
      },
      expiresIn: 600,
    });
    expect(answer.cookies).toEqual([
      expect.objectContaining({
        name: "encore-access",
        httpOnly: true,
        sameSite: "Strict",
        path: "/",
        maxAge: 600,
      }),
      expect.objectContaining({ name: "encore-refresh", httpOnly: true, sameSite: "Strict", path: "/" }),
      expect.objectContaining({ name: "encore-device", httpOnly: true, sameSite: "Strict", path: "/" }),
    ]);
    expect(answer.headers["cache-control"]).toBe("no-store");
  });

  it("puts tokens into the body, and no cookie, where they are asked for", async () => {
    const body = { email: newAddress(), password, userName: "Ada", session: "bearer" };
    const answer = await world.call("POST", "/api/auth/register", { body });
    expect(answer.body).toMatchObject({ accessToken: expect.any(String), refreshToken: expect.any(String) });
    expect(answer.cookies).toEqual([]);
  });

  it("takes an address for the same however it is written", async () => {
    const email = newAddress();
    await signUp(email);
    const again = { email: `  ${email.toUpperCase()} `, password, userName: "Someone" };
    const answer = await world.call("POST", "/api/auth/register", { body: again });
    expect(answer.status).toBe(409);
    expect(problemOf(answer).kind).toBe("email-taken");
    expect((await login(` ${email.toUpperCase()}`)).status).toBe(200);
  });

  it("gives an address to one of many who want it at once", async () => {
    const body = { email: newAddress(), password, userName: "One of many", session: "bearer" };
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => world.call("POST", "/api/auth/register", { body })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
  });

  it.each([
    ["short", "short77"],
    ["among the commonest", "password1"],
    ["among the commonest, in capitals", "PASSWORD1"],
    ["the own name", "Someone Long"],
  ])("refuses a password that is %s", async (_, weak) => {
    const body = { email: newAddress(), password: weak, userName: "Someone Long" };
    const answer = await world.call("POST", "/api/auth/register", { body });
    expect(answer.status).toBe(422);
    expect(problemOf(answer).kind).toBe("weak-password");
  });

  it.each([
    ["the address itself", (email: string) => email],
    ["what stands before the @", (email: string) => email.split("@")[0] ?? ""],
  ])("refuses %s as a password", async (_, secret) => {
    const email = newAddress();
    const body = { email, password: secret(email), userName: "Someone" };
    expect((await world.call("POST", "/api/auth/register", { body })).status).toBe(422);
  });

  it("takes any characters, and the same password however its letters are composed", async () => {
    const email = newAddress();
    const body = {
      email,
      password: "p\u00e4sswort mit \u{1f3b5} und \u65e5\u672c\u8a9e",
      userName: "\u97f3\u697d",
    };
    expect((await world.call("POST", "/api/auth/register", { body })).status).toBe(201);
    expect((await login(email, body.password.normalize("NFD"))).status).toBe(200);
  });

  it.each([
    ["no body", undefined],
    ["no JSON", "{"],
    ["a list", []],
    ["text", '"text"'],
    ["null", "null"],
    ["bytes that are no UTF-8", Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["no address", { password, userName: "x" }],
    ["an address that is none", { email: "nobody", password, userName: "x" }],
    ["an address of another type", { email: 7, password, userName: "x" }],
    ["an empty name", { email: "a@example.com", password, userName: "  " }],
    ["a role", { email: "a@example.com", password, userName: "x", role: "ops" }],
    ["a plan", { email: "a@example.com", password, userName: "x", plan: "hifi" }],
    ["another kind of session", { email: "a@example.com", password, userName: "x", session: "jwt" }],
    ["a name with control characters", { email: "a@example.com", password, userName: "x\u0007y" }],
  ])("refuses %s", async (_, body) => {
    const answer = await world.call("POST", "/api/auth/register", { body });
    expect(answer.status).toBe(400);
    expect(problemOf(answer).kind).toBe("invalid-request");
  });

  it("says which fields are wrong, and repeats nothing that was sent", async () => {
    const body = { email: "nobody", password: 4711, userName: "x", surprise: "boo" };
    const { text, body: problem } = await world.call("POST", "/api/auth/register", { body });
    const paths = problem.errors.map(({ path }: { path: string }) => path).sort();
    expect(paths).toEqual(expect.arrayContaining(["body/email", "body/password"]));
    expect(text).not.toContain("4711");
  });

  it("refuses a body that is too large, and one that is not JSON by its own word", async () => {
    const body = { email: newAddress(), password, userName: "x".repeat(300_000) };
    const tooLarge = await world.call("POST", "/api/auth/register", { body });
    expect(tooLarge.status).toBe(413);
    expect(problemOf(tooLarge).kind).toBe("too-large");
    const form = await world.call("POST", "/api/auth/register", {
      body: "email=a",
      headers: { "content-type": "application/x-www-form-urlencoded" },
    });
    expect(form.status).toBe(415);
    expect(problemOf(form).kind).toBe("unsupported-media-type");
  });
});

describe("Signing in", () => {
  it("answers the same for a wrong password and for nobody", async () => {
    const { email } = await signUp();
    const wrong = await login(email, "not the password");
    const nobody = await login(newAddress(), "not the password");
    const known = ({ instance: _, ...problem }: Record<string, unknown>) => problem;
    expect(wrong.status).toBe(401);
    expect(known(wrong.body)).toEqual(known(nobody.body));
    expect(problemOf(wrong).kind).toBe("wrong-credentials");
  });

  it("slows guessing at an account from one network down, and lets its owner in from elsewhere", async () => {
    const { email } = await signUp();
    const guesser = "203.0.113.7";
    for (let guess = 0; guess < 10; guess++)
      expect((await login(email, `guess ${guess}`, {}, guesser)).status).toBe(401);
    const refused = await login(email, password, {}, guesser);
    expect(refused.status).toBe(429);
    const { kind, retryAfterSeconds = 0 } = problemOf(refused);
    expect(kind).toBe("too-many-requests");
    expect(Number(refused.headers["retry-after"])).toBe(retryAfterSeconds);
    expect(retryAfterSeconds).toBeGreaterThan(0);
    expect(retryAfterSeconds).toBeLessThanOrEqual(900);
    expect((await login(email, password, {}, "198.51.100.9")).status).toBe(200);
    world.clock.advance(retryAfterSeconds);
    expect((await login(email, password, {}, guesser)).status).toBe(200);
  });

  it("does not count right passwords", async () => {
    const { email } = await signUp();
    for (let time = 0; time < 12; time++) expect((await login(email)).status).toBe(200);
  });

  it("counts a whole IPv6 network as one", async () => {
    const { email } = await signUp();
    for (let guess = 0; guess < 10; guess++)
      await login(email, "wrong wrong", {}, `2001:db8:0:7::${guess + 1}`);
    expect((await login(email, password, {}, "2001:db8:0:7:ffff::1")).status).toBe(429);
    expect((await login(email, password, {}, "2001:db8:0:8::1")).status).toBe(200);
  });
});

describe("An access token", () => {
  it("is good for ten minutes", async () => {
    const { token } = await signUp();
    world.clock.advance(599);
    expect((await me(token)).status).toBe(200);
    world.clock.advance(1);
    const answer = await me(token);
    expect(answer.status).toBe(401);
    expect(problemOf(answer).kind).toBe("not-signed-in");
    expect(answer.headers["www-authenticate"]).toContain("Bearer");
  });

  it("must be ours in every respect", async () => {
    const { userId, email, token } = await signUp();
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
    const { keyId, privateKeyPem } = world.keys;
    const sign = (header: object, changed: object) =>
      createSigner({
        key: privateKeyPem,
        algorithm: "ES256",
        header: { alg: "ES256", typ: "at+jwt", kid: keyId, ...header },
      })({ ...claims, ...changed });
    expect((await me(sign({}, {}))).status).toBe(200);
    const stranger = createTokenSigner({ ...generateTokenKeys(), keyId }, world.clock);
    const forged = [
      stranger.sign({ userId, sessionId: claims.sid, email }),
      sign({ typ: "JWT" }, {}),
      sign({ kid: "unknown" }, {}),
      sign({ kid: "__proto__" }, {}),
      sign({}, { iss: "other" }),
      sign({}, { aud: "other" }),
      sign({}, { exp: undefined }),
      sign({}, { sid: 7 }),
      `${token.split(".").slice(0, 2).join(".")}.`,
      "x.y.z",
      "",
    ];
    for (const one of forged) expect((await me(one)).status).toBe(401);
  });
});

describe("Refreshing", () => {
  it("rotates, and the account stays signed in for as long as it is used", async () => {
    let { token, refreshToken } = await signUp();
    for (let day = 0; day < 60; day += 20) {
      world.clock.advance(20 * 86_400);
      const answer = await refresh(refreshToken);
      expect(answer.status).toBe(200);
      expect(answer.body.refreshToken).not.toBe(refreshToken);
      ({ accessToken: token, refreshToken } = answer.body);
    }
    expect((await me(token)).status).toBe(200);
  });

  it("ends after thirty days without use, and after a hundred and eighty whatever happens", async () => {
    const idle = await signUp();
    const busy = await signUp();
    let { refreshToken } = busy;
    for (let day = 0; day < 175; day += 25) {
      world.clock.advance(25 * 86_400);
      refreshToken = (await refresh(refreshToken)).body.refreshToken;
    }
    expect((await refresh(idle.refreshToken)).status).toBe(401);
    world.clock.advance(6 * 86_400);
    const answer = await refresh(refreshToken);
    expect(answer.status).toBe(401);
    expect(problemOf(answer).kind).toBe("session-ended");
  });

  it("gives two tabs that ask at once the same successor", async () => {
    const { refreshToken } = await signUp();
    const answers = await Promise.all([refresh(refreshToken), refresh(refreshToken), refresh(refreshToken)]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ body }) => body.refreshToken)).size).toBe(1);
  });

  it("makes up for an answer that was lost, for a minute", async () => {
    const { refreshToken } = await signUp();
    const lost = await refresh(refreshToken);
    world.clock.advance(59);
    const again = await refresh(refreshToken);
    expect(again.status).toBe(200);
    expect(again.body.refreshToken).toBe(lost.body.refreshToken);
    world.clock.advance(2);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it("ends the whole session when a token is used that should be long gone, and writes it down", async () => {
    const { refreshToken, userId } = await signUp();
    const second = (await refresh(refreshToken)).body;
    const third = (await refresh(second.refreshToken)).body;
    const reused = await refresh(refreshToken);
    expect(reused.status).toBe(401);
    expect(problemOf(reused).kind).toBe("session-ended");
    expect((await me(third.accessToken)).status).toBe(401);
    expect((await refresh(third.refreshToken)).status).toBe(401);
    expect(await auditOf(userId)).toEqual([expect.objectContaining({ action: "refresh-token-reused" })]);
  });

  it("goes by cookie for browsers, from Encore's own pages only", async () => {
    const cookies = cookiesOf(
      await world.call("POST", "/api/auth/register", {
        body: { email: newAddress(), password, userName: "x" },
      }),
    );
    for (const origin of [undefined, "https://evil.example", "null"]) {
      const answer = await world.call("POST", "/api/auth/refresh", {
        cookies,
        headers: origin === undefined ? {} : { origin },
      });
      expect(answer.status).toBe(403);
      expect(problemOf(answer).kind).toBe("origin-not-allowed");
    }
    const answer = await world.call("POST", "/api/auth/refresh", { cookies, headers: { origin: ownOrigin } });
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty("refreshToken");
    expect(cookiesOf(answer)["encore-refresh"]).not.toBe(cookies["encore-refresh"]);
  });

  it.each([{}, { refreshToken: "" }, { refreshToken: "x" }, { refreshToken: "x".repeat(200) }])(
    "refuses %o",
    async (body) => {
      const answer = await world.call("POST", "/api/auth/refresh", { body });
      expect(answer.status).toBe(401);
      problemOf(answer);
    },
  );
});

describe("Signing out", () => {
  it("ends the session at once, for both tokens", async () => {
    const { token, refreshToken } = await signUp();
    expect((await world.call("POST", "/api/auth/logout", { token })).status).toBe(204);
    expect((await me(token)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
  });

  it("works by the refresh cookie when the access token has expired, and takes the cookies away", async () => {
    const registered = await world.call("POST", "/api/auth/register", {
      body: { email: newAddress(), password, userName: "x" },
    });
    const cookies = cookiesOf(registered);
    world.clock.advance(700);
    const answer = await world.call("POST", "/api/auth/logout", { cookies, headers: { origin: ownOrigin } });
    expect(answer.status).toBe(204);
    expect(answer.cookies.map(({ maxAge, value }) => [maxAge, value])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    const again = await world.call("POST", "/api/auth/refresh", { cookies, headers: { origin: ownOrigin } });
    expect(again.status).toBe(401);
  });

  it("tells a client whose token is no good", async () => {
    expect((await world.call("POST", "/api/auth/logout", { token: "x.y.z" })).status).toBe(401);
    expect((await world.call("POST", "/api/auth/logout")).status).toBe(401);
  });
});

describe("The account", () => {
  it("is shown, renamed, and put on another plan", async () => {
    const { token, email } = await signUp();
    expect((await me(token)).body).toMatchObject({ email, userName: "Someone", plan: "free" });
    const renamed = await world.call("PATCH", "/api/me", { token, body: { userName: "Somebody else" } });
    expect(renamed.body.userName).toBe("Somebody else");
    const upgraded = await world.call("PUT", "/api/me/plan", { token, body: { plan: "hifi" } });
    expect(upgraded.body).toMatchObject({ plan: "hifi", entitlements: { devices: 6, fullSongs: "all" } });
    expect((await me(token)).body).toMatchObject({ userName: "Somebody else", plan: "hifi" });
  });

  it.each([
    ["PATCH", "/api/me", { userName: "" }],
    ["PATCH", "/api/me", { userName: "x", role: "ops" }],
    ["PATCH", "/api/me", { email: "other@example.com" }],
    ["PATCH", "/api/me", {}],
    ["PUT", "/api/me/plan", { plan: "gold" }],
    ["PUT", "/api/me/plan", {}],
    ["PUT", "/api/me/password", { currentPassword: password }],
  ])("refuses %s %s %o", async (method, path, body) => {
    const { token } = await signUp();
    const answer = await world.call(method, path, { token, body });
    expect(answer.status).toBe(400);
    expect(problemOf(answer).kind).toBe("invalid-request");
  });

  it("takes a new password, which ends every other session and no longer takes the old one", async () => {
    const { token, email } = await signUp();
    const other = (await login(email)).body;
    const change = (currentPassword: string, newPassword: string) =>
      world.call("PUT", "/api/me/password", { token, body: { currentPassword, newPassword } });
    expect((await change("not it at all", "a new and better one")).status).toBe(401);
    expect((await change(password, "short")).status).toBe(422);
    expect((await change(password, "a new and better one")).status).toBe(204);
    expect((await me(token)).status).toBe(200);
    expect((await me(other.accessToken)).status).toBe(401);
    expect((await refresh(other.refreshToken)).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect((await login(email, "a new and better one")).status).toBe(200);
  });

  it("is deleted with every row of it, and nothing of it is let in again", async () => {
    const { token, email, userId, refreshToken } = await signUp();
    const other = (await login(email)).body;
    expect((await world.call("DELETE", "/api/me", { token })).status).toBe(204);
    for (const one of [token, other.accessToken]) expect((await me(one)).status).toBe(401);
    expect((await refresh(refreshToken)).status).toBe(401);
    expect((await login(email)).status).toBe(401);
    expect(await rowsOf(userId)).toEqual([]);
    expect((await signUp(email)).userId).not.toBe(userId);
  });
});

describe("Signed-in devices", () => {
  it("are listed, the own one marked, and ended one by one", async () => {
    const { token, email } = await signUp();
    world.clock.advance(5);
    const other = (await login(email, password, { deviceName: "Kitchen" })).body;
    const { items } = (await world.call("GET", "/api/me/sessions", { token })).body;
    expect(items).toEqual([
      expect.objectContaining({ deviceName: "Kitchen", current: false }),
      expect.objectContaining({ current: true }),
    ]);
    const { sessionId } = items[0];
    const end = () => world.call("DELETE", `/api/me/sessions/${sessionId}`, { token });
    expect((await end()).status).toBe(204);
    expect((await me(other.accessToken)).status).toBe(401);
    expect((await end()).status).toBe(404);
  });

  it("of someone else are as good as none", async () => {
    const [owner, stranger] = [await signUp(), await signUp()];
    const { items } = (await world.call("GET", "/api/me/sessions", { token: owner.token })).body;
    const path = `/api/me/sessions/${items[0].sessionId}`;
    const answer = await world.call("DELETE", path, { token: stranger.token });
    expect(answer.status).toBe(404);
    expect(problemOf(answer).kind).toBe("not-found");
    expect((await me(owner.token)).status).toBe(200);
  });

  it("cannot be a row of another kind in the same table", async () => {
    const { token } = await signUp();
    for (const id of ["ticket%23x", "count%23x", "..", "%00"]) {
      const answer = await world.call("DELETE", `/api/me/sessions/${id}`, { token });
      expect([400, 404]).toContain(problemOf(answer).status);
    }
  });
});

describe("The plans", () => {
  it("are there for anybody", async () => {
    const { status, body } = await world.call("GET", "/api/plans");
    expect(status).toBe(200);
    expect(
      body.items.map(({ name, entitlements }: { name: string; entitlements: object }) => [
        name,
        entitlements,
      ]),
    ).toEqual([
      ["free", { fullSongs: "free", subscriptions: 25, devices: 1 }],
      ["plus", { fullSongs: "all", subscriptions: 1000, devices: 3 }],
      ["hifi", { fullSongs: "all", subscriptions: 10_000, devices: 6 }],
    ]);
  });
});

describe("Behind an edge", () => {
  const edgeSecret = "the secret of the edge, and of nobody else";
  let behind: RestWorld;
  beforeAll(async () => {
    behind = await startRestWorld({ edgeSecret });
  });
  afterAll(() => behind.close());

  const guess = (headers: Record<string, string>) =>
    behind.call("POST", "/api/auth/login", {
      body: { email: "nobody@example.com", password: "wrong wrong wrong" },
      headers,
    });
  const viewer = (address: string) => ({ "x-encore-edge": edgeSecret, "x-encore-viewer": address });

  it("tries are counted by the viewer's address, and not by the edge's that all share", async () => {
    for (let time = 0; time < 10; time++) expect((await guess(viewer("203.0.113.1"))).status).toBe(401);
    expect((await guess(viewer("203.0.113.1"))).status).toBe(429);
    expect((await guess(viewer("203.0.113.2"))).status).toBe(401);
  });

  it("an address that is written past the edge counts for nothing", async () => {
    const forged = (at: number) => ({ "x-encore-edge": "a guess", "x-encore-viewer": `198.51.100.${at}` });
    for (let time = 0; time < 10; time++) expect((await guess(forged(time))).status).toBe(401);
    expect((await guess(forged(10))).status).toBe(429);
  });
});

describe("Behind TLS", () => {
  let secure: RestWorld;
  beforeAll(async () => {
    secure = await startRestWorld({ origins: "https://encore.example" });
  });
  afterAll(() => secure.close());

  it("cookies are for one host and for TLS alone, and those without the prefix count for nothing", async () => {
    const answer = await secure.call("POST", "/api/auth/register", {
      body: { email: newAddress(), password, userName: "x" },
    });
    expect(answer.cookies).toEqual([
      expect.objectContaining({ name: "__Host-encore-access", secure: true, httpOnly: true, path: "/" }),
      expect.objectContaining({ name: "__Host-encore-refresh", secure: true, httpOnly: true, path: "/" }),
      expect.objectContaining({ name: "__Host-encore-device", secure: true, httpOnly: true, path: "/" }),
    ]);
    for (const cookie of answer.cookies) expect(cookie).not.toHaveProperty("domain");
    const access = String(answer.cookies[0]?.value);
    expect(
      (await secure.call("GET", "/api/me", { cookies: { "__Host-encore-access": access } })).status,
    ).toBe(200);
    expect((await secure.call("GET", "/api/me", { cookies: { "encore-access": access } })).status).toBe(401);
  });
});

it("No log carries an address, a password or a token", () => {
  const text = world.logged.join("\n");
  expect(text).not.toMatch(/@example\.com|battery|eyJ[\w-]+\./);
});

async function auditOf(userId: string): Promise<Record<string, unknown>[]> {
  const { Items = [] } = await testDatabase(world.aws).client.send(
    new ScanCommand({ TableName: physicalTableName(world.aws.tablePrefix, "audit") }),
  );
  return Items.filter((item) => item.userId === userId);
}

/** What is left of a user in any table; the closed head stays for a day, and says nothing of the person. */
async function rowsOf(userId: string): Promise<unknown[]> {
  const { client, table } = testDatabase(world.aws);
  const named = {
    ExpressionAttributeNames: { "#userId": "userId" },
    ExpressionAttributeValues: { ":userId": userId },
  };
  const query = (TableName: string, IndexName?: string) =>
    client.send(
      new QueryCommand({
        TableName,
        ...(IndexName && { IndexName }),
        KeyConditionExpression: "#userId = :userId",
        ...named,
      }),
    );
  const found = await Promise.all([
    query(table("login"), "byUser"),
    query(table("session"), "byUser"),
    query(table("connection")),
    query(table("subscription")),
  ]);
  return found.flatMap(({ Items = [] }) => Items).filter(({ sk, closed }) => !(sk === "head" && closed));
}
