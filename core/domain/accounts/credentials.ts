import { DomainError } from "../errors.ts";
import { type AccountsDeps, type Caller, requesterOf } from "./deps.ts";
import { provenDevice } from "./device-proof.ts";
import type { EmailForms } from "./email-address.ts";
import { findAccount } from "./find-account.ts";
import type { Account } from "./ports.ts";
import { deviceBudgets, signInBudgets } from "./sign-in-budgets.ts";
import { type Budget, type ThrottleDeps, takeTry } from "./throttle.ts";

type PasswordDeps = Pick<AccountsDeps, "accounts" | "passwords">;

/**
 * The account that an address and a password open. An unknown address and a wrong password get the same answer
 * after the same work.
 *
 * @throws DomainError `wrong-credentials`, `too-many-requests`
 */
export async function checkCredentials(
  deps: PasswordDeps & ThrottleDeps,
  { email, password }: { readonly email: EmailForms; readonly password: string },
  caller: Caller,
): Promise<Account> {
  const account = await findAccount(deps, email);
  const budgets = budgetsOf(deps, account, email.canonical, caller);
  const right = await checkPassword(deps, { account, password, budgets }, caller);
  if (!account || !right) throw new DomainError("wrong-credentials");
  return right === "outdated" ? rehash(deps, account, password, caller) : account;
}

/** Which of them a try counts against tells nothing of the account to those who hold no proof for it. */
function budgetsOf(deps: ThrottleDeps, account: Account | undefined, email: string, caller: Caller) {
  const device = account && provenDevice(caller.deviceToken, account);
  return account && device
    ? deviceBudgets(deps, account.userId, device, caller.address)
    : signInBudgets(deps, email, caller.address);
}

export type PasswordTry = {
  readonly account: Account | undefined;
  readonly password: string;
  readonly budgets: readonly Budget[];
};

/** Whether the password is the account's; where none was looked at, the try is given back. */
export async function checkPassword(
  deps: Pick<AccountsDeps, "passwords"> & ThrottleDeps,
  { account, password, budgets }: PasswordTry,
  caller: Caller,
): Promise<"right" | "outdated" | undefined> {
  const one = await takeTry(deps, budgets);
  const verdict = await deps.passwords
    .verify(password, account?.passwordHash, requesterOf(caller))
    .catch(async (error: unknown) => {
      await one.settle("dropped");
      throw error;
    });
  await one.settle(verdict === "wrong" ? "wrong" : "right");
  return verdict === "wrong" ? undefined : verdict;
}

/** Brings a hash to today's cost, unless the password was changed meanwhile. */
async function rehash(
  { accounts, passwords }: PasswordDeps,
  account: Account,
  password: string,
  caller: Caller,
): Promise<Account> {
  // Where it cannot be done just now, it is done the next time.
  const passwordHash = await passwords.hash(password, requesterOf(caller)).catch(() => undefined);
  if (passwordHash === undefined) return account;
  const written = await accounts.updateIfHash(account.email, account.passwordHash, { passwordHash });
  return written ? { ...account, passwordHash } : account;
}
