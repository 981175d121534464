import { randomUUID } from "node:crypto";
import { once } from "node:events";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, it } from "vitest";
import { login } from "../../../../core/domain/accounts/login.ts";
import type { PasswordHasher } from "../../../../core/domain/accounts/passwords.ts";
import { takeTry } from "../../../../core/domain/accounts/throttle.ts";
import { throttleLimits } from "../../../../core/domain/accounts/throttle-limits.ts";
import { httpApiGateway } from "../../../../infra/local/gateway/http-api.ts";
import { createAuthHandler } from "../../../../lambdas/auth.ts";
import {
  createAccountsDeps,
  signUp,
  type TestAccountsDeps,
  testDatabase,
} from "../../../support/accounts.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { unlimited } from "../../../support/rest-world.ts";

let aws: TestAws;
let deps: TestAccountsDeps;
beforeAll(async () => {
  aws = await startTestAws();
  deps = { ...createAccountsDeps(testDatabase(aws)), limits: throttleLimits(0.2) };
});
afterAll(() => aws.close());

const caller = { address: "192.0.2.1", userAgent: "test" };

it("A try that cannot be given back fails nobody's sign-in, and keeps no other from being given back", async () => {
  const { account, password } = await signUp(deps);
  let calls = 0;
  const counters: TestAccountsDeps["counters"] = {
    ...deps.counters,
    giveBack: async (key) => {
      if (calls++ === 0) throw new Error("The table does not answer");
      await deps.counters.giveBack(key);
    },
  };
  const credentials = { email: account.email, password };
  await login({ ...deps, counters }, undefined, credentials, caller);
  // Of the two tries for this account and network one is left, and comes back each time.
  for (let time = 0; time < 3; time++) await login(deps, undefined, credentials, caller);
});

it("What one budget refuses counts against no other, whichever refuses", async () => {
  const limit = { tries: 3, windowSeconds: 3_600 };
  const [narrow, wide] = [randomUUID(), randomUUID()].map((name) => ({
    name,
    limit,
    counts: "every" as const,
  }));
  if (!narrow || !wide) throw new Error("No budgets");
  const take = (...budgets: (typeof narrow)[]) => takeTry(deps, budgets);
  for (let time = 0; time < 3; time++) await take(wide);
  for (let time = 0; time < 5; time++)
    await expect(take(narrow, wide)).rejects.toMatchObject({ kind: "too-many-requests" });
  for (let time = 0; time < 3; time++) await take(narrow);
  await expect(take(narrow)).rejects.toMatchObject({ kind: "too-many-requests" });
});

it("Tries that are given back twice make no room that was never there", async () => {
  const key = randomUUID();
  const endsAt = Math.floor(Date.now() / 1000) + 60;
  for (let time = 0; time < 3; time++) await deps.counters.giveBack(key);
  const taken = await Promise.all(Array.from({ length: 9 }, () => deps.counters.take(key, 4, endsAt)));
  expect(taken.filter(Boolean)).toHaveLength(4);
  await deps.counters.giveBack(key);
  expect(await deps.counters.take(key, 4, endsAt)).toBe(true);
  expect(await deps.counters.take(key, 4, endsAt)).toBe(false);
});

it("A browser that leaves while its password waits costs no hash, no try and no session", async () => {
  const { account, password } = await signUp(deps);
  const sessions = (await deps.sessions.idsOfUser(account.userId)).length;
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const { promise: refused, resolve: onRefused } = Promise.withResolvers<unknown>();
  /** Comes to nothing before its caller has left. */
  const late: PasswordHasher = {
    ...deps.passwords,
    verify: async (...args) => {
      const signal = args[2]?.signal;
      resolve();
      if (signal) await once(signal, "abort");
      return deps.passwords.verify(...args).catch((error: unknown) => {
        onRefused(error);
        throw error;
      });
    },
  };
  const app = Fastify();
  const handler = createAuthHandler({
    ...deps,
    passwords: late,
    allowedOrigins: [],
    cookies: { secure: true },
    rates: unlimited,
    authenticate: () => Promise.reject(new Error("Nobody is signed in here")),
  });
  app.register(httpApiGateway, { routes: [{ method: "POST", path: "/api/auth/login", handler }] });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  const browser = new AbortController();
  const answer = fetch(`${url}/api/auth/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ email: account.email, password }),
    signal: browser.signal,
  }).catch(() => "left");
  await asked;
  browser.abort();
  expect(await answer).toBe("left");
  expect(await refused).toMatchObject({ kind: "unavailable" });
  await app.close();
  expect(await deps.sessions.idsOfUser(account.userId)).toHaveLength(sessions);
});
