import type { AuditLog } from "../audit.ts";
import { DomainError } from "../errors.ts";
import { lifetimes, toSeconds } from "./lifetimes.ts";
import type { SessionRecord, SessionRotation } from "./ports.ts";
import { hashSecret, newSecret, parseRefreshToken, type RefreshToken, successorOf } from "./refresh-token.ts";
import { liveSession, ownerOf, type SessionDeps, type SignedInSession, signedIn } from "./sessions.ts";

export type RefreshDeps = SessionDeps & { readonly audit: AuditLog };

/**
 * Exchanges a refresh token for its successor (RFC 9700 §4.14.2). The predecessor of the current token gets the
 * same successor again for a while; any older one was copied, so it ends the session.
 *
 * @throws DomainError `session-ended`
 */
export async function refreshSession(deps: RefreshDeps, refreshToken: string): Promise<SignedInSession> {
  const token = parseRefreshToken(refreshToken);
  if (!token) throw new DomainError("session-ended");
  const session = await liveSession(deps, token.sessionId);
  const account = await ownerOf(deps, session);
  return signedIn(deps, account, session, await successor(deps, session, token));
}

/** The secret that follows the one shown. */
async function successor(deps: RefreshDeps, session: SessionRecord, token: RefreshToken): Promise<string> {
  const now = deps.clock.now();
  const hash = hashSecret(token.secret);
  const { predecessor } = session;
  if (hash === session.refreshHash) return rotate(deps, session, token, now);
  if (predecessor?.hash === hash && predecessor.goodUntil > toSeconds(now))
    return successorOf(token.secret, predecessor.salt);
  return refuseReuse(deps, session);
}

async function rotate(
  deps: RefreshDeps,
  session: SessionRecord,
  token: RefreshToken,
  now: Date,
): Promise<string> {
  const salt = newSecret();
  const next = successorOf(token.secret, salt);
  const rotation = rotationTo(next, salt, session, now);
  if (await deps.sessions.rotate(session.sessionId, session.refreshHash, rotation)) return next;
  // Another tab was quicker (or this write's own answer was lost): the token shown is the predecessor by now.
  return successor(deps, await liveSession(deps, session.sessionId), token);
}

const rotationTo = (next: string, salt: string, session: SessionRecord, now: Date): SessionRotation => ({
  refreshHash: hashSecret(next),
  predecessor: { hash: session.refreshHash, salt, goodUntil: toSeconds(now) + lifetimes.predecessor },
  lastUsedAt: now.toISOString(),
  ttl: Math.min(session.endsAt, toSeconds(now) + lifetimes.sessionIdle),
});

async function refuseReuse({ sessions, audit }: RefreshDeps, session: SessionRecord): Promise<never> {
  const { sessionId, userId } = session;
  await sessions.delete(sessionId);
  await audit.record({ action: "refresh-token-reused", userId, sessionId });
  throw new DomainError("session-ended");
}

/** The session that a good refresh token belongs to, so that it can be ended without being renewed first. */
export async function sessionOfRefreshToken(
  deps: Pick<RefreshDeps, "sessions">,
  refreshToken: string,
): Promise<string | undefined> {
  const token = parseRefreshToken(refreshToken);
  const session = token && (await deps.sessions.get(token.sessionId));
  const hash = token && hashSecret(token.secret);
  return session && (session.refreshHash === hash || session.predecessor?.hash === hash)
    ? session.sessionId
    : undefined;
}
