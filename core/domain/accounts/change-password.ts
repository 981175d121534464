import type { ChangePasswordInput } from "../../contract/accounts.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { checkPassword } from "./credentials.ts";
import { type AccountsDeps, type Caller, requesterOf } from "./deps.ts";
import { newDeviceKey, parseDeviceToken, provenDevice, withProof } from "./device-proof.ts";
import { requireGoodPassword } from "./password-rules.ts";
import type { Account } from "./ports.ts";
import { endSessions } from "./sessions.ts";
import { deviceBudgets } from "./sign-in-budgets.ts";

/**
 * Changes the password and ends every other session. The own session is lifted to the new version first; from
 * the moment the account has it, all others are refused, also one that the sweep does not see. Tries count against the
 * session, so that nobody else's keep its owner from changing a password.
 *
 * @returns the device's token with a proof that holds from now on, where it had one that held until now
 * @throws DomainError `wrong-credentials`, `weak-password`, `too-many-requests`, `session-ended`
 */
export async function changePassword(
  deps: AccountsDeps,
  { email, userId, sessionId }: Actor,
  { currentPassword, newPassword }: ChangePasswordInput,
  caller: Caller,
): Promise<string | undefined> {
  const account = await ownAccount(deps, { email, userId });
  const budgets = deviceBudgets(deps, userId, `session#${sessionId}`, caller.address);
  if (!(await checkPassword(deps, { account, password: currentPassword, budgets }, caller)))
    throw new DomainError("wrong-credentials", "The current password is another");
  requireGoodPassword(newPassword, account);
  const passwordHash = await deps.passwords.hash(newPassword, requesterOf(caller));
  const deviceKey = await write(deps, account, sessionId, passwordHash);
  await endSessions(deps, userId, sessionId);
  const isKnown = provenDevice(caller.deviceToken, account) !== undefined;
  const device = isKnown ? parseDeviceToken(caller.deviceToken) : undefined;
  return device && withProof(device, { userId, deviceKey });
}

async function ownAccount(
  { accounts }: AccountsDeps,
  { email, userId }: Pick<Account, "email" | "userId">,
): Promise<Account> {
  const account = await accounts.get(email);
  if (account?.userId !== userId) throw new DomainError("session-ended");
  return account;
}

/**
 * Of two devices that change it at once one wins, and the other is one of those that end: its session was lifted, too, so
 * it would outlive the change. A hash that was only brought to another cost meanwhile stands in nobody's way.
 * @returns the account's new key for proofs of devices
 */
async function write(
  deps: AccountsDeps,
  account: Account,
  sessionId: string,
  passwordHash: string,
): Promise<string> {
  const passwordVersion = (account.passwordVersion ?? 0) + 1;
  if (!(await deps.sessions.setPasswordVersion(sessionId, passwordVersion)))
    throw new DomainError("session-ended");
  const changes = { passwordHash, passwordVersion, deviceKey: newDeviceKey() };
  if (await deps.accounts.updateIfHash(account.email, account.passwordHash, changes))
    return changes.deviceKey;
  const now = await ownAccount(deps, account).catch(() => undefined);
  if (now && (now.passwordVersion ?? 0) < passwordVersion) return write(deps, now, sessionId, passwordHash);
  await deps.sessions.delete(sessionId);
  throw new DomainError("session-ended", "The password was changed on another device");
}
