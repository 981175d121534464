import type { User } from "../../contract/accounts.ts";
import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { lifetimes, toSeconds } from "./lifetimes.ts";
import type { Account, AccountStore, SessionIdentity, SessionRecord, SessionStore } from "./ports.ts";
import { formatRefreshToken, hashSecret, newSecret, tagSecret } from "./refresh-token.ts";
import type { TokenSigner } from "./tokens.ts";
import { toUser } from "./user.ts";

/** What signing in gives; the transport decides how the tokens travel. */
export type SignedInSession = {
  readonly user: User;
  readonly sessionId: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** Seconds until the access token expires. */
  readonly expiresIn: number;
  /** Shows at a later sign-in that this device was signed in before; absent where it has one that holds already. */
  readonly deviceToken?: string;
};

/** As many devices as one account may have signed in; the least used ends for one more. */
export const maxSessions = 50;

export type SessionDeps = {
  readonly accounts: Pick<AccountStore, "get">;
  readonly sessions: SessionStore;
  readonly tokens: TokenSigner;
  readonly clock: Clock;
  /** A new ULID. */
  readonly newId: () => string;
};

/**
 * Signs a device in. The account is read once more afterwards: who deletes it or changes its password ends the
 * sessions that exist by then, and one that is opened at that very moment must not outlive it.
 *
 * @throws DomainError `session-ended` in that case
 */
export async function openSession(
  deps: SessionDeps,
  account: Account,
  deviceName: string,
): Promise<SignedInSession> {
  const now = deps.clock.now();
  const sessionId = deps.newId();
  const familyKey = newSecret();
  const secret = tagSecret(newSecret(), sessionId, familyKey);
  const session: SessionRecord = {
    sessionId,
    familyKey,
    userId: account.userId,
    email: account.email,
    deviceName,
    createdAt: now.toISOString(),
    lastUsedAt: now.toISOString(),
    passwordVersion: account.passwordVersion ?? 0,
    refreshHash: hashSecret(secret),
    endsAt: toSeconds(now) + lifetimes.session,
    ttl: toSeconds(now) + lifetimes.sessionIdle,
  };
  await deps.sessions.create(session);
  await endLeastUsed(deps, session);
  return signedIn(deps, await ownerOf(deps, session), session, secret);
}

/** The account a session belongs to; a session that has lost it ends. @throws DomainError `session-ended` */
export async function ownerOf(
  { accounts, sessions }: Pick<SessionDeps, "accounts" | "sessions">,
  session: SessionRecord,
): Promise<Account> {
  const account = await accounts.get(session.email);
  if (account && belongsTo(session, account)) return account;
  await sessions.delete(session.sessionId);
  throw new DomainError("session-ended");
}

export const signedIn = (
  { tokens }: SessionDeps,
  account: Account,
  session: SessionRecord,
  secret: string,
): SignedInSession => ({
  user: toUser(account),
  sessionId: session.sessionId,
  accessToken: tokens.sign(session),
  refreshToken: formatRefreshToken({ sessionId: session.sessionId, secret }),
  expiresIn: lifetimes.accessToken,
});

/** Whether a session's row says that it lives. */
export const isAlive = (session: SessionRecord, now: Date): boolean =>
  Math.min(session.ttl, session.endsAt) > toSeconds(now);

/** A session belongs to an account until that is deleted or, on another device, given a new password. */
export const belongsTo = (session: SessionRecord, account: Account): boolean =>
  session.userId === account.userId && session.passwordVersion >= (account.passwordVersion ?? 0);

/** The session, read consistently. @throws DomainError `session-ended` */
export async function liveSession(
  { sessions, clock }: { readonly sessions: Pick<SessionStore, "get">; readonly clock: Clock },
  sessionId: string,
): Promise<SessionRecord> {
  const session = await sessions.get(sessionId);
  if (!session || !isAlive(session, clock.now())) throw new DomainError("session-ended");
  return session;
}

/**
 * The session that an identity names, where it is that user's: what a token says of the two must agree with what is stored.
 * @throws DomainError `session-ended`
 */
export async function sessionOf(
  deps: { readonly sessions: Pick<SessionStore, "get">; readonly clock: Clock },
  { sessionId, userId }: Pick<SessionIdentity, "sessionId" | "userId">,
): Promise<SessionRecord> {
  const session = await liveSession(deps, sessionId);
  if (session.userId !== userId) throw new DomainError("session-ended");
  return session;
}

/** Makes room for a session that has just been opened. */
async function endLeastUsed(
  { sessions, clock }: Pick<SessionDeps, "sessions" | "clock">,
  { userId, sessionId }: SessionRecord,
): Promise<void> {
  const ids = (await sessions.idsOfUser(userId)).filter((id) => id !== sessionId);
  if (ids.length < maxSessions) return;
  const others = (await sessions.getMany(ids))
    .filter((session) => isAlive(session, clock.now()))
    .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt) || b.sessionId.localeCompare(a.sessionId));
  await Promise.all(others.slice(maxSessions - 1).map((least) => sessions.delete(least.sessionId)));
}

/** Ends the sessions of a user, all but one where it is named. */
export async function endSessions(
  { sessions }: Pick<SessionDeps, "sessions">,
  userId: string,
  keep?: string,
): Promise<void> {
  const ids = await sessions.idsOfUser(userId);
  await Promise.all(ids.filter((id) => id !== keep).map((id) => sessions.delete(id)));
}
