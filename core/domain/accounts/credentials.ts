import { DomainError } from "../errors.ts";
import type { AccountsDeps } from "./deps.ts";
import type { Account } from "./ports.ts";
import { signInBudgets, type ThrottleDeps, takeTry } from "./throttle.ts";

type PasswordDeps = Pick<AccountsDeps, "accounts" | "passwords">;

/**
 * The account that an address and a password open. An unknown address and a wrong password get the same answer
 * after the same work; only wrong tries count against the budgets.
 *
 * @throws DomainError `wrong-credentials`, `too-many-requests`
 */
export async function checkCredentials(
  deps: PasswordDeps & ThrottleDeps,
  { email, password }: { readonly email: string; readonly password: string },
  address: string,
): Promise<Account> {
  const giveBack = await takeTry(deps, signInBudgets(deps, email, address));
  const { account, verdict } = await compare(deps, email, password).catch(async (error: unknown) => {
    await giveBack();
    throw error;
  });
  if (!account || verdict === "wrong") throw new DomainError("wrong-credentials");
  await giveBack();
  return verdict === "outdated" ? rehash(deps, account, password) : account;
}

async function compare({ accounts, passwords }: PasswordDeps, email: string, password: string) {
  const account = await accounts.get(email);
  return { account, verdict: await passwords.verify(password, account?.passwordHash) };
}

/** Brings a hash to today's cost, unless the password was changed meanwhile. */
async function rehash(
  { accounts, passwords }: PasswordDeps,
  account: Account,
  password: string,
): Promise<Account> {
  const passwordHash = await passwords.hash(password);
  const written = await accounts.updateIfHash(account.email, account.passwordHash, { passwordHash });
  return written ? { ...account, passwordHash } : account;
}
