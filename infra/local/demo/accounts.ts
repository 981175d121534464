import { ulid } from "ulid";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import { createSessionStore } from "../../../core/aws/session-store.ts";
import { createPasswordHasher, defaultScryptCost } from "../../../core/domain/accounts/passwords.ts";
import { toPhc } from "../../../core/domain/accounts/phc.ts";
import type { Account } from "../../../core/domain/accounts/ports.ts";
import { seedAccount } from "../../../core/domain/accounts/seed.ts";
import type { Environment } from "../../../core/domain/ports.ts";
import { systemClock } from "../../../core/domain/shared/system-clock.ts";
import { databaseFor } from "../../../lambdas/deps/stores.ts";

export const demoPassword = (env: Environment): string => env.DEMO_PASSWORD || "encore-demo-password";

/** One account for each kind of person who uses Encore. */
export const demoAccounts = [
  { email: "listener@example.com", userName: "Demo listener", role: "listener", plan: "plus" },
  { email: "curator@example.com", userName: "Demo curator", role: "curator", plan: "hifi" },
  { email: "ops@example.com", userName: "Demo operator", role: "ops", plan: "plus" },
] as const;

export const demoEmails: readonly string[] = demoAccounts.map(({ email }) => email);

/** A line for each, for its owner to read. */
export function describeDemoAccounts(env: Environment): string[] {
  const width = Math.max(...demoEmails.map(({ length }) => length));
  return [
    `password ${demoPassword(env)}`,
    ...demoAccounts.map(({ email, role, plan }) => `${email.padEnd(width)}  ${role}, plan ${plan}`),
  ];
}

/** Thirty-two zero bytes, which no password gives: it is compared with at the usual cost, and never right. */
const lockedHash = toPhc({ cost: defaultScryptCost, salt: Buffer.alloc(16), hash: Buffer.alloc(32) });

/**
 * Takes the demo accounts out of use, for a folder that others can reach from now on: nothing opens them any more,
 * their sessions end, and they are listeners as anybody is. The next start for this machine alone opens them again.
 */
export async function lockDemoAccounts(env: Environment): Promise<void> {
  const database = databaseFor(env);
  const [accounts, sessions] = [createAccountStore(database), createSessionStore(database)];
  for (const account of await accounts.getMany(demoEmails)) {
    const { passwordHash, passwordVersion = 0, userId } = account;
    // The version ends sessions by itself: also one that the index does not tell of.
    if (passwordHash !== lockedHash)
      await accounts.update(account, {
        passwordHash: lockedHash,
        passwordVersion: passwordVersion + 1,
        role: "listener",
        plan: "free",
      });
    for (const sessionId of await sessions.idsOfUser(userId)) await sessions.delete(sessionId);
  }
}

export async function seedDemoAccounts(env: Environment): Promise<readonly Account[]> {
  const deps = {
    accounts: createAccountStore(databaseFor(env)),
    passwords: createPasswordHasher(),
    newId: ulid,
    clock: systemClock,
  };
  const password = demoPassword(env);
  return Promise.all(demoAccounts.map((account) => seedAccount(deps, { ...account, password })));
}
