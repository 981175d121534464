import type { PlanName, Role } from "../../contract/accounts.ts";

/** One row of `login`. */
export type Account = {
  readonly email: string;
  readonly userId: string;
  readonly userName: string;
  readonly passwordHash: string;
  /** Goes up by one at each change of the password (0 where absent); an older session is refused. */
  readonly passwordVersion?: number;
  /** What proofs of devices that signed in are made with; absent until an account of before signs in again. */
  readonly deviceKey?: string;
  readonly role: Role;
  readonly plan: PlanName;
  readonly createdAt: string;
};

export type AccountChanges = Partial<
  Pick<Account, "userName" | "passwordHash" | "passwordVersion" | "deviceKey" | "plan" | "role">
>;

export type AccountStore = {
  /** Consistent read by the normalised address. */
  get(email: string): Promise<Account | undefined>;
  /** The accounts that are there, in no order; consistent. */
  getMany(emails: readonly string[]): Promise<Account[]>;
  /** @throws DomainError `email-taken` */
  create(account: Account): Promise<void>;
  /**
   * Changes some fields of this account, not of another that has taken its address since, and answers it whole.
   * @throws DomainError `not-found`
   */
  update(account: Pick<Account, "email" | "userId">, changes: AccountChanges): Promise<Account>;
  /** Gives the account this key where it has none, and answers the one that it has; undefined where it is gone. */
  keepDeviceKey(account: Pick<Account, "email" | "userId">, deviceKey: string): Promise<string | undefined>;
  /** Changes some fields where the password's hash still is this one; false where it is not. */
  updateIfHash(email: string, passwordHash: string, changes: AccountChanges): Promise<boolean>;
  /** Deletes this account, but not another that has taken its address since. */
  delete(account: Pick<Account, "email" | "userId">): Promise<void>;
};

/** One signed-in device of one account: a row of `session`. It has ended when the row is gone or `ttl` is past. */
export type SessionRecord = {
  readonly sessionId: string;
  readonly userId: string;
  readonly email: string;
  readonly deviceName: string;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  /** The account's `passwordVersion` that opened it. */
  readonly passwordVersion: number;
  readonly refreshHash: string;
  /** What the session's refresh tokens are tagged with; absent until the first renewal of a session that is older. */
  readonly familyKey?: string;
  /** The token before, which is good until its successor is used or `goodUntil` (seconds since the epoch). */
  readonly predecessor?: { readonly hash: string; readonly salt: string; readonly goodUntil: number };
  /** When it ends whatever happens; seconds since the epoch. */
  readonly endsAt: number;
  /** When it ends unless it is used; seconds since the epoch, never above `endsAt`. */
  readonly ttl: number;
};

export type SessionRotation = Required<Pick<SessionRecord, "refreshHash" | "predecessor" | "familyKey">> &
  Pick<SessionRecord, "lastUsedAt" | "ttl">;

/** All reads are consistent but `idsOfUser`. */
export type SessionStore = {
  get(sessionId: string): Promise<SessionRecord | undefined>;
  /** Those that are there, in no order. */
  getMany(sessionIds: readonly string[]): Promise<SessionRecord[]>;
  create(session: SessionRecord): Promise<void>;
  /** Changes the tokens where the current one still has this hash; false where it has not, or the row is gone. */
  rotate(sessionId: string, refreshHash: string, rotation: SessionRotation): Promise<boolean>;
  /** False where the row is gone. */
  setPasswordVersion(sessionId: string, passwordVersion: number): Promise<boolean>;
  /** Ends the session; the push that follows tells its sockets and streams. */
  delete(sessionId: string): Promise<void>;
  /** Read from an index: a session of the last second may be missing, one that has ended may be there. */
  idsOfUser(userId: string): Promise<string[]>;
};

/** Who a one-time ticket admits. */
export type SessionIdentity = {
  readonly userId: string;
  readonly sessionId: string;
  readonly email: string;
};

export type TicketStore = {
  create(hash: string, identity: SessionIdentity, expiresAt: number): Promise<void>;
  /** Takes the ticket away: of several takers one gets it. `now` in seconds; a ticket is dead once expired. */
  take(hash: string, now: number): Promise<SessionIdentity | undefined>;
};
