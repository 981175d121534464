import type { AuditLog } from "../audit.ts";
import { DomainError } from "../errors.ts";
import { lifetimes, toSeconds } from "./lifetimes.ts";
import type { AccountStore, SessionRecord, SessionRotation } from "./ports.ts";
import {
  hashSecret,
  isIssued,
  newSecret,
  parseRefreshToken,
  type RefreshToken,
  successorOf,
  tagSecret,
} from "./refresh-token.ts";
import { rememberSession } from "./remember-device.ts";
import { liveSession, ownerOf, type SessionDeps, type SignedInSession, signedIn } from "./sessions.ts";

export type RefreshDeps = SessionDeps & {
  readonly accounts: Pick<AccountStore, "keepDeviceKey">;
  readonly audit: AuditLog;
};

/**
 * Exchanges a refresh token for its successor (RFC 9700 §4.14.2). The predecessor of the current token gets the
 * same successor again for a while; any older one was copied, so it ends the session. A secret that this session never
 * issued is refused and changes nothing: ids of sessions are no secrets.
 *
 * @throws DomainError `session-ended`
 */
export async function refreshSession(
  deps: RefreshDeps,
  refreshToken: string,
  deviceToken?: string,
): Promise<SignedInSession> {
  const token = parseRefreshToken(refreshToken);
  if (!token) throw new DomainError("session-ended");
  const session = await liveSession(deps, token.sessionId);
  if (statusOf(session, token) === "unknown") throw new DomainError("session-ended");
  const account = await ownerOf(deps, session);
  const renewed = signedIn(deps, account, session, await successor(deps, session, token));
  return rememberSession(deps, renewed, account, deviceToken);
}

type TokenStatus = "current" | "predecessor" | "older" | "unknown";

/** What a session's row knows of a secret. */
function statusOf(session: SessionRecord, { sessionId, secret }: RefreshToken): TokenStatus {
  const hash = hashSecret(secret);
  if (hash === session.refreshHash) return "current";
  if (hash === session.predecessor?.hash) return "predecessor";
  return isIssued(secret, sessionId, session.familyKey) ? "older" : "unknown";
}

/** The secret that follows the one shown. */
async function successor(deps: RefreshDeps, session: SessionRecord, token: RefreshToken): Promise<string> {
  const now = deps.clock.now();
  const status = statusOf(session, token);
  if (status === "current") return rotate(deps, session, token, now);
  const { predecessor, familyKey } = session;
  if (status === "predecessor" && predecessor && predecessor.goodUntil > toSeconds(now))
    return followUp(token, predecessor.salt, familyKey);
  return refuseReuse(deps, session);
}

/** Rows that a process of an older version rotated have no key, and no tag. */
function followUp({ sessionId, secret }: RefreshToken, salt: string, familyKey: string | undefined): string {
  const next = successorOf(secret, salt);
  return familyKey === undefined ? next : tagSecret(next, sessionId, familyKey);
}

async function rotate(
  deps: RefreshDeps,
  session: SessionRecord,
  token: RefreshToken,
  now: Date,
): Promise<string> {
  const salt = newSecret();
  const familyKey = session.familyKey ?? newSecret();
  const next = followUp(token, salt, familyKey);
  const rotation = { ...rotationTo(next, salt, session, now), familyKey };
  if (await deps.sessions.rotate(session.sessionId, session.refreshHash, rotation)) return next;
  // Another tab was quicker (or this write's own answer was lost): the token shown is the predecessor by now.
  return successor(deps, await liveSession(deps, session.sessionId), token);
}

const rotationTo = (
  next: string,
  salt: string,
  session: SessionRecord,
  now: Date,
): Omit<SessionRotation, "familyKey"> => ({
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
  if (!session) return undefined;
  const status = statusOf(session, token);
  return status === "current" || status === "predecessor" ? session.sessionId : undefined;
}
