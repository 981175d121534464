import { ulid } from "ulid";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import { createPasswordHasher } from "../../../core/domain/accounts/passwords.ts";
import type { Account } from "../../../core/domain/accounts/ports.ts";
import { seedAccount } from "../../../core/domain/accounts/seed.ts";
import type { Environment } from "../../../core/domain/ports.ts";
import { databaseFor, systemClock } from "../../../lambdas/deps.ts";

export const demoPassword = (env: Environment): string => env.DEMO_PASSWORD || "encore-demo-password";

/** One account for each kind of person who uses Encore. */
export const demoAccounts = [
  { email: "listener@example.com", userName: "Demo listener", role: "listener", plan: "plus" },
  { email: "curator@example.com", userName: "Demo curator", role: "curator", plan: "hifi" },
  { email: "ops@example.com", userName: "Demo operator", role: "ops", plan: "plus" },
] as const;

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
