import type { RegisterInput } from "../../contract/accounts.ts";
import { DomainError } from "../errors.ts";
import type { AccountsDeps, Caller } from "./deps.ts";
import { deviceNameOf } from "./device-name.ts";
import { cleanName, normaliseEmail } from "./names.ts";
import { requireGoodPassword } from "./password-rules.ts";
import type { Account } from "./ports.ts";
import { openSession, type SignedInSession } from "./sessions.ts";
import { registerBudgets, takeTry } from "./throttle.ts";

/**
 * Opens an account and signs its first device in.
 *
 * @throws DomainError `email-taken`, `weak-password`, `too-many-requests`, `invalid-request`
 */
export async function register(
  deps: AccountsDeps,
  _actor: undefined,
  input: RegisterInput,
  caller: Caller,
): Promise<SignedInSession> {
  const email = normaliseEmail(input.email);
  const userName = cleanName("userName", input.userName);
  const deviceName = deviceNameOf(input.deviceName, caller.userAgent);
  requireGoodPassword(input.password, { email, userName });
  await takeTry(deps, registerBudgets(deps, caller.address));
  if (await deps.accounts.get(email)) throw new DomainError("email-taken");
  const account = await createAccount(deps, { email, userName, password: input.password });
  return openSession(deps, account, deviceName);
}

export type NewAccount = {
  readonly email: string;
  readonly userName: string;
  readonly password: string;
} & Partial<Pick<Account, "role" | "plan">>;

/** @throws DomainError `email-taken` */
export async function createAccount(
  { accounts, passwords, newId, clock }: Pick<AccountsDeps, "accounts" | "passwords" | "newId" | "clock">,
  { password, role = "listener", plan = "free", ...names }: NewAccount,
): Promise<Account> {
  const account: Account = {
    ...names,
    userId: newId(),
    passwordHash: await passwords.hash(password),
    role,
    plan,
    createdAt: clock.now().toISOString(),
  };
  await accounts.create(account);
  return account;
}
