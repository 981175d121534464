import { deviceOf, newDeviceKey, parseDeviceToken, provenDevice, withProof } from "./device-proof.ts";
import type { Account, AccountStore } from "./ports.ts";
import type { SignedInSession } from "./sessions.ts";

type Deps = { readonly accounts: Pick<AccountStore, "keepDeviceKey"> };

/**
 * Gives a device that has just signed in what it shows the next time. It keeps the id under which it is known to other
 * accounts.
 */
export async function rememberDevice(
  deps: Deps,
  session: SignedInSession,
  account: Account,
  shown: string | undefined,
): Promise<SignedInSession> {
  const deviceKey = await deviceKeyOf(deps, account);
  if (deviceKey === undefined) return session;
  const { device, proofs } = parseDeviceToken(shown) ?? {
    device: deviceOf(session.sessionId, deviceKey),
    proofs: [],
  };
  return { ...session, deviceToken: withProof({ device, proofs }, { ...account, deviceKey }) };
}

/**
 * The same for a session that goes on and holds nothing of the kind, as those of before. Its id follows from the session,
 * or whoever holds one could make himself any number of devices. One that is known to other accounts only is left so.
 */
export async function rememberSession(
  deps: Deps,
  session: SignedInSession,
  account: Account,
  shown: string | undefined,
): Promise<SignedInSession> {
  const known = shown !== undefined && parseDeviceToken(shown) !== undefined;
  if (known && provenDevice(shown, account) === undefined) return session;
  return rememberDevice(deps, session, account, shown);
}

/** Undefined where the account is gone. */
const deviceKeyOf = async ({ accounts }: Deps, account: Account): Promise<string | undefined> =>
  account.deviceKey ?? (await accounts.keepDeviceKey(account, newDeviceKey()));
