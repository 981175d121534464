import type { ChangePasswordInput } from "../../contract/accounts.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { checkCredentials } from "./credentials.ts";
import type { AccountsDeps, Caller } from "./deps.ts";
import { requireGoodPassword } from "./password-rules.ts";
import { endSessions } from "./sessions.ts";

/**
 * Changes the password and ends every other session. The own session is lifted to the new version first; from
 * the moment the account has it, all others are refused, also one that the sweep does not see.
 *
 * @throws DomainError `wrong-credentials`, `weak-password`, `too-many-requests`, `conflict`
 */
export async function changePassword(
  deps: AccountsDeps,
  { email, userId, sessionId }: Actor,
  { currentPassword, newPassword }: ChangePasswordInput,
  { address }: Caller,
): Promise<void> {
  const account = await checkCredentials(deps, { email, password: currentPassword }, address);
  requireGoodPassword(newPassword, account);
  const passwordVersion = (account.passwordVersion ?? 0) + 1;
  const passwordHash = await deps.passwords.hash(newPassword);
  if (!(await deps.sessions.setPasswordVersion(sessionId, passwordVersion)))
    throw new DomainError("session-ended");
  const changes = { passwordHash, passwordVersion };
  if (!(await deps.accounts.updateIfHash(email, account.passwordHash, changes)))
    throw new DomainError("conflict");
  await endSessions(deps, userId, sessionId);
}
