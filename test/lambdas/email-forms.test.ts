import { PutCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { physicalTableName } from "../../core/aws/tables.ts";
import { testDatabase } from "../support/accounts.ts";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

let world: RestWorld;
beforeAll(async () => {
  world = await startRestWorld();
});
afterAll(() => world.close());

const password = "a battery and a staple";
const register = (email: string, secret = password) =>
  world.call("POST", "/api/auth/register", {
    body: { email, password: secret, userName: "x", session: "bearer" },
  });
const login = (email: string, secret = password) =>
  world.call("POST", "/api/auth/login", { body: { email, password: secret, session: "bearer" } });

const forms: [string, string][] = [
  ["jos\u00e9@example.com", "jose\u0301@example.com"],
  ["a@m\u00fcnchen.example", "a@xn--mnchen-3ya.example"],
  ["b@m\u00fcnchen.example", "b@mu\u0308nchen.example"],
  ["c@M\u00dcNCHEN.example", "c@XN--MNCHEN-3YA.example"],
  ["\u00c9lise@m\u00fcnchen.example", "e\u0301lise@xn--mnchen-3ya.example"],
  ["d@\u65e5\u672c.example", "d@\u65e5\u672c\u3002example"],
];

describe.each(forms)("%s and %s", (one, other) => {
  it("are one address", async () => {
    expect((await register(one)).status).toBe(201);
    expect((await login(other)).status).toBe(200);
    expect((await login(one)).status).toBe(200);
    expect(problemOf(await register(other)).kind).toBe("email-taken");
  });
});

/** A row as it was written when addresses were kept as they were typed. */
async function rowOfBefore(email: string, secret = password): Promise<void> {
  const passwordHash = await world.auth.passwords.hash(secret);
  const row = {
    email,
    passwordHash,
    userId: world.auth.newId(),
    userName: "x",
    role: "listener",
    plan: "free",
  };
  await testDatabase(world.aws).client.send(
    new PutCommand({
      TableName: physicalTableName(world.aws.tablePrefix, "login"),
      Item: { ...row, createdAt: new Date().toISOString() },
    }),
  );
}

describe("An account of before", () => {
  it.each([
    ["ren\u00e9e@m\u00fcnchen.example", "rene\u0301e@xn--mnchen-3ya.example"],
    ["rene\u0301@xn--mnchen-3ya.example", "ren\u00e9@m\u00fcnchen.example"],
    ["f@mu\u0308nchen.example", "f@m\u00fcnchen.example"],
    ["g@under_score.example", "G@under_score.example"],
    ["h@[192.0.2.1]", "h@[192.0.2.1]"],
  ])("kept as %s signs in by %s as well, and nobody takes its address", async (kept, typed) => {
    await rowOfBefore(kept);
    for (const email of [kept, typed]) {
      expect((await login(email)).status).toBe(200);
      expect(problemOf(await register(email)).kind).toBe("email-taken");
    }
    const { accessToken, refreshToken } = (await login(typed)).body;
    expect((await world.call("GET", "/api/me", { token: accessToken })).body.email).toBe(kept);
    expect((await world.call("POST", "/api/auth/refresh", { body: { refreshToken } })).status).toBe(200);
  });

  it("that stands beside another of the same address keeps its own", async () => {
    await rowOfBefore("andre\u0301@example.com", "the first password");
    await rowOfBefore("andr\u00e9@example.com", "the second password");
    expect((await login("andre\u0301@example.com", "the first password")).status).toBe(200);
    expect((await login("andr\u00e9@example.com", "the second password")).status).toBe(200);
  });
});

it("A domain that is none stands for no other, and for itself alone", async () => {
  for (const domain of [
    "a\u200db.\u00fc",
    "\u00fc.example/y",
    "\u00fc.example:80",
    "\u00fc%41.example",
    "\u00fc.example",
  ]) {
    expect((await register(`x@${domain}`)).status).toBe(201);
    expect((await login(`x@${domain}`)).status).toBe(200);
  }
});
