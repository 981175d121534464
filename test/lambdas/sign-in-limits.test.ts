import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";

let world: RestWorld;
/** A fifth of the limits, so that a fifth of the tries shows them: 2 for an account from one network, 20 from anywhere. */
beforeAll(async () => {
  world = await startRestWorld({ throttleScale: 0.2 });
});
afterAll(() => world.close());

const password = "a battery and a staple";
const home = "198.51.100.9";
let networks = 0;
/** Another IPv4 address at each call. */
const newNetwork = () => `203.0.${++networks >> 8}.${networks & 0xff}`;

async function signUp(address = home) {
  const body = { email: `${randomUUID()}@example.com`, password, userName: "Someone", session: "bearer" };
  const answer = await world.call("POST", "/api/auth/register", { body, address });
  expect(answer.status).toBe(201);
  return { email: body.email, deviceToken: String(answer.body.deviceToken), token: answer.body.accessToken };
}

const login = (email: string, secret: string, address: string, deviceToken?: string) =>
  world.call("POST", "/api/auth/login", {
    body: { email, password: secret, session: "bearer", ...(deviceToken && { deviceToken }) },
    address,
  });

/** So many wrong tries from one address, at once. */
async function guess(email: string, times: number, address: string): Promise<number[]> {
  const tries = Array.from({ length: times }, (_, at) => login(email, `wrong guess ${at}`, address));
  return (await Promise.all(tries)).map(({ status }) => status);
}

/** Uses up what an account may be guessed at from anywhere. */
async function guessFromEverywhere(email: string): Promise<void> {
  await Promise.all(Array.from({ length: 11 }, () => guess(email, 2, newNetwork())));
}

describe("Wrong passwords", () => {
  it("from one address never lock the owner out, however many they are", async () => {
    const { email } = await signUp();
    const guesser = newNetwork();
    for (let round = 0; round < 2; round++) await guess(email, 14, guesser);
    expect((await login(email, password, guesser)).status).toBe(429);
    expect((await login(email, password, home)).status).toBe(200);
  });

  it("of one network for many accounts do not count against the accounts once the network has none left", async () => {
    const { email } = await signUp();
    const guesser = newNetwork();
    for (let account = 0; account < 10; account++) await guess(`nobody-${account}@example.com`, 2, guesser);
    for (let round = 0; round < 2; round++) await guess(email, 14, guesser);
    expect((await login(email, password, home)).status).toBe(200);
  });

  it("are counted exactly where they come at once", async () => {
    const { email } = await signUp();
    const statuses = await guess(email, 14, newNetwork());
    expect(statuses.filter((status) => status === 401)).toHaveLength(2);
    expect(statuses.filter((status) => status === 429)).toHaveLength(12);
  });

  it("from everywhere lock strangers out, but no device that was signed in before", async () => {
    const [owner, other] = [await signUp(), await signUp()];
    await guessFromEverywhere(owner.email);
    const stranger = await login(owner.email, password, newNetwork());
    expect(problemOf(stranger).kind).toBe("too-many-requests");
    expect(problemOf(stranger).detail).toMatch(/^Too many tries; try again in \d+ (minutes|seconds)$/);
    const forged = `${owner.deviceToken.split(".")[0]}.${"A".repeat(22)}`;
    for (const token of [other.deviceToken, forged, "x"])
      expect((await login(owner.email, password, newNetwork(), token)).status).toBe(429);
    expect((await login(owner.email, password, newNetwork(), owner.deviceToken)).status).toBe(200);
  });

  it("of its own network do not lock such a device out either", async () => {
    const { email, deviceToken } = await signUp();
    const shared = newNetwork();
    for (let account = 0; account < 10; account++) await guess(`nobody-${account}@example.com`, 2, shared);
    await guess(email, 4, shared);
    expect((await login(email, password, shared)).status).toBe(429);
    expect((await login(email, password, shared, deviceToken)).status).toBe(200);
  });

  it("of such a device have a budget of their own", async () => {
    const { email, deviceToken } = await signUp();
    for (let guess = 0; guess < 2; guess++)
      expect((await login(email, `wrong guess ${guess}`, newNetwork(), deviceToken)).status).toBe(401);
    expect((await login(email, password, newNetwork(), deviceToken)).status).toBe(429);
    expect((await login(email, password, newNetwork())).status).toBe(200);
  });

  it("of others do not keep the owner from changing the password", async () => {
    const { email, token } = await signUp();
    await guessFromEverywhere(email);
    const body = { currentPassword: password, newPassword: "another battery and staple" };
    const change = (currentPassword: string) =>
      world.call("PUT", "/api/me/password", {
        token,
        body: { ...body, currentPassword },
        address: newNetwork(),
      });
    expect((await change(password)).status).toBe(204);
    for (let guess = 0; guess < 2; guess++) expect((await change(`wrong guess ${guess}`)).status).toBe(401);
    expect((await change(body.newPassword)).status).toBe(429);
  });
});

describe("A browser that was signed in before", () => {
  it("shows it by a cookie, which knows several accounts and is renewed with the session", async () => {
    const [mine, yours] = [await signUp(), await signUp()];
    const from = (email: string, cookies: Record<string, string>, address: string) =>
      world.call("POST", "/api/auth/login", {
        body: { email, password },
        cookies,
        address,
        headers: { origin: "http://127.0.0.1:8080" },
      });
    const first = await from(mine.email, {}, home);
    const device = first.cookies.find(({ name }) => name === "encore-device")?.value ?? "";
    const second = await from(yours.email, { "encore-device": device }, home);
    const both = second.cookies.find(({ name }) => name === "encore-device")?.value ?? "";
    expect(both.split(".")[0]).toBe(device.split(".")[0]);
    for (const { email } of [mine, yours]) {
      await guessFromEverywhere(email);
      expect((await from(email, {}, newNetwork())).status).toBe(429);
      expect((await from(email, { "encore-device": both }, newNetwork())).status).toBe(200);
    }
    const refresh = second.cookies.find(({ name }) => name === "encore-refresh")?.value ?? "";
    const renewed = await world.call("POST", "/api/auth/refresh", {
      cookies: { "encore-refresh": refresh },
      headers: { origin: "http://127.0.0.1:8080" },
    });
    expect(renewed.cookies.map(({ name }) => name)).toContain("encore-device");
  });
});

it("A browser that changes the password is still one that was signed in before", async () => {
  const { email } = await signUp();
  const headers = { origin: "http://127.0.0.1:8080" };
  const from = (secret: string, cookies: Record<string, string>) =>
    world.call("POST", "/api/auth/login", {
      body: { email, password: secret },
      cookies,
      headers,
      address: newNetwork(),
    });
  const signedIn = await from(password, {});
  const cookies = Object.fromEntries(signedIn.cookies.map(({ name, value }) => [name, value]));
  const newPassword = "another battery and staple";
  const body = { currentPassword: password, newPassword };
  const changed = await world.call("PUT", "/api/me/password", { body, cookies, headers });
  expect(changed.status).toBe(204);
  const device = changed.cookies.find(({ name }) => name === "encore-device")?.value ?? "";
  await guessFromEverywhere(email);
  expect((await from(newPassword, { "encore-device": cookies["encore-device"] ?? "" })).status).toBe(429);
  expect((await from(newPassword, { "encore-device": device })).status).toBe(200);
});

describe("Right passwords", () => {
  it("are limited, too: for an account from anywhere", async () => {
    const { email } = await signUp();
    for (let time = 0; time < 12; time++)
      expect((await login(email, password, newNetwork())).status).toBe(200);
    const answer = await login(email, password, newNetwork());
    expect(problemOf(answer).kind).toBe("too-many-requests");
    expect(Number(answer.headers["retry-after"])).toBeGreaterThan(0);
  });
});
