import type { AccountsDeps } from "./deps.ts";
import type { Account } from "./ports.ts";
import { createAccount, type NewAccount } from "./register.ts";

/**
 * An account that is to be there with this password, role and plan, whatever was there before: for demo accounts
 * and an operator's first. May be repeated; a password that is right already costs one comparison.
 */
export async function seedAccount(
  deps: Pick<AccountsDeps, "accounts" | "passwords" | "newId" | "clock">,
  wanted: NewAccount & Required<Pick<Account, "role" | "plan">>,
): Promise<Account> {
  const account = await deps.accounts.get(wanted.email);
  if (!account) return createAccount(deps, wanted);
  const { role, plan, password } = wanted;
  const right = (await deps.passwords.verify(password, account.passwordHash)) === "right";
  if (right && account.role === role && account.plan === plan) return account;
  const passwordHash = right ? account.passwordHash : await deps.passwords.hash(password);
  return deps.accounts.update(account, { role, plan, passwordHash });
}
