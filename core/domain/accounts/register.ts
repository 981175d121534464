import type { RegisterInput } from "../../contract/accounts.ts";
import { DomainError } from "../errors.ts";
import { type AccountsDeps, type Caller, requesterOf } from "./deps.ts";
import { deviceNameOf } from "./device-name.ts";
import { newDeviceKey } from "./device-proof.ts";
import { emailForms } from "./email-address.ts";
import type { Requester } from "./fair-semaphore.ts";
import { findAccount } from "./find-account.ts";
import { endReplacedSessions } from "./logout.ts";
import { cleanName } from "./names.ts";
import { requireGoodPassword } from "./password-rules.ts";
import type { Account } from "./ports.ts";
import { rememberDevice } from "./remember-device.ts";
import { openSession, type SignedInSession } from "./sessions.ts";
import { registerBudgets } from "./sign-in-budgets.ts";
import { takeTry } from "./throttle.ts";

/**
 * Opens an account and signs its first device in; the session that its cookies hold is replaced.
 *
 * @throws DomainError `email-taken`, `weak-password`, `too-many-requests`, `invalid-request`, `unavailable`
 */
export async function register(
  deps: AccountsDeps,
  _actor: undefined,
  input: RegisterInput,
  caller: Caller,
): Promise<SignedInSession> {
  const forms = emailForms(input.email);
  const email = forms.canonical;
  const userName = cleanName("userName", input.userName);
  const deviceName = deviceNameOf(input.deviceName, caller.userAgent);
  requireGoodPassword(input.password, { email, userName });
  const one = await takeTry(deps, registerBudgets(deps, caller.address));
  if (await findAccount(deps, forms)) throw new DomainError("email-taken");
  const account = await createAccount(
    deps,
    { email, userName, password: input.password },
    requesterOf(caller),
  ).catch(async (error: unknown) => {
    if (!isTaken(error)) await one.settle("dropped");
    throw error;
  });
  await endReplacedSessions(deps, caller.replaces);
  return rememberDevice(deps, await openSession(deps, account, deviceName), account, caller.deviceToken);
}

const isTaken = (error: unknown): boolean => error instanceof DomainError && error.kind === "email-taken";

export type NewAccount = {
  readonly email: string;
  readonly userName: string;
  readonly password: string;
} & Partial<Pick<Account, "role" | "plan">>;

/** @throws DomainError `email-taken` */
export async function createAccount(
  { accounts, passwords, newId, clock }: Pick<AccountsDeps, "accounts" | "passwords" | "newId" | "clock">,
  { password, role = "listener", plan = "free", ...names }: NewAccount,
  requester?: Requester,
): Promise<Account> {
  const account: Account = {
    ...names,
    userId: newId(),
    passwordHash: await passwords.hash(password, requester),
    deviceKey: newDeviceKey(),
    role,
    plan,
    createdAt: clock.now().toISOString(),
  };
  await accounts.create(account);
  return account;
}
