import type { AuditLog } from "../audit.ts";
import { networkOf } from "./address.ts";
import type { Requester } from "./fair-semaphore.ts";
import type { PasswordHasher } from "./passwords.ts";
import type { AccountStore } from "./ports.ts";
import type { SessionDeps } from "./sessions.ts";
import type { ThrottleDeps } from "./throttle.ts";

/** What the use cases of accounts need; each takes the part it uses. */
export type AccountsDeps = SessionDeps &
  ThrottleDeps & {
    readonly accounts: AccountStore;
    readonly passwords: PasswordHasher;
    readonly audit: AuditLog;
    /** Closes and deletes the account's subscriptions; may be repeated. */
    readonly closeAccount: (userId: string) => Promise<void>;
  };

/** What a client has of a session. */
export type SessionTokens = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
};

/** What is known of a device that has not signed in. */
export type Caller = {
  readonly address: string;
  readonly userAgent: string;
  /** What it keeps from an earlier sign-in (see `device-proof.ts`). */
  readonly deviceToken?: string | undefined;
  /** The tokens of its cookies, whose session this one takes the place of. */
  readonly replaces?: SessionTokens | undefined;
  /** Aborted when it does not wait for the answer any more. */
  readonly signal?: AbortSignal | undefined;
};

/** Callers of one network take turns with those of others. */
export const requesterOf = ({ address, signal }: Caller): Requester => ({ key: networkOf(address), signal });
