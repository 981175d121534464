import type { LoginInput } from "../../contract/accounts.ts";
import { DomainError } from "../errors.ts";
import { checkCredentials } from "./credentials.ts";
import type { AccountsDeps, Caller } from "./deps.ts";
import { deviceNameOf } from "./device-name.ts";
import { emailForms } from "./email-address.ts";
import { endReplacedSessions } from "./logout.ts";
import { rememberDevice } from "./remember-device.ts";
import { openSession, type SignedInSession } from "./sessions.ts";

/**
 * Signs a device in; the session that its cookies hold is replaced.
 * @throws DomainError `wrong-credentials`, `too-many-requests`, `invalid-request`, `unavailable`
 */
export async function login(
  deps: AccountsDeps,
  _actor: undefined,
  input: LoginInput,
  caller: Caller,
): Promise<SignedInSession> {
  const deviceName = deviceNameOf(input.deviceName, caller.userAgent);
  const credentials = { email: emailForms(input.email), password: input.password };
  const account = await checkCredentials(deps, credentials, caller);
  // A session that nobody is told of would be nobody's.
  if (caller.signal?.aborted) throw new DomainError("unavailable", "The caller has left");
  await endReplacedSessions(deps, caller.replaces);
  return rememberDevice(deps, await openSession(deps, account, deviceName), account, caller.deviceToken);
}
