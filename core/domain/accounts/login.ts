import type { LoginInput } from "../../contract/accounts.ts";
import { checkCredentials } from "./credentials.ts";
import type { AccountsDeps, Caller } from "./deps.ts";
import { deviceNameOf } from "./device-name.ts";
import { normaliseEmail } from "./names.ts";
import { openSession, type SignedInSession } from "./sessions.ts";

/** Signs a device in. @throws DomainError `wrong-credentials`, `too-many-requests`, `invalid-request` */
export async function login(
  deps: AccountsDeps,
  _actor: undefined,
  input: LoginInput,
  caller: Caller,
): Promise<SignedInSession> {
  const email = normaliseEmail(input.email);
  const deviceName = deviceNameOf(input.deviceName, caller.userAgent);
  const account = await checkCredentials(deps, { email, password: input.password }, caller.address);
  return openSession(deps, account, deviceName);
}
