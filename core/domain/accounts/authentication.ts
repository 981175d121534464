import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import type { Account, AccountStore, SessionIdentity, SessionRecord, SessionStore } from "./ports.ts";
import { belongsTo, isAlive, sessionOf } from "./sessions.ts";
import type { TokenVerifier } from "./tokens.ts";

export type SessionCheckDeps = {
  readonly tokens: TokenVerifier;
  readonly sessions: Pick<SessionStore, "get">;
  readonly clock: Clock;
};
export type AuthenticationDeps = SessionCheckDeps & { readonly accounts: Pick<AccountStore, "get"> };

/**
 * Who asks, from an access token. Session and account are read each time, so that a session that was ended, an
 * account that was deleted and a role that was taken away count at once.
 *
 * @throws DomainError `not-signed-in` where the token is not good, `session-ended` where its session is not
 */
export async function authenticate(deps: AuthenticationDeps, accessToken: string): Promise<Actor> {
  const identity = deps.tokens.verify(accessToken);
  const { account } = await sessionAndAccount(deps, identity);
  return { ...identity, role: account.role };
}

/** What is stored of who signed in, read consistently. @throws DomainError `session-ended` */
export async function sessionAndAccount(
  deps: Omit<AuthenticationDeps, "tokens">,
  identity: SessionIdentity,
): Promise<{ readonly session: SessionRecord; readonly account: Account }> {
  const [session, account] = await Promise.all([
    sessionOf(deps, identity),
    deps.accounts.get(identity.email),
  ]);
  if (!account || !belongsTo(session, account)) throw new DomainError("session-ended");
  return { session, account };
}

/**
 * As `authenticate`, from the session's row alone: for the endpoints of live connections and audio, where many devices
 * come at once, roles do not matter, and what an account may do is read elsewhere.
 *
 * @throws DomainError `not-signed-in`, `session-ended`
 */
export async function authenticateSession(
  deps: SessionCheckDeps,
  accessToken: string,
): Promise<SessionIdentity> {
  const identity = deps.tokens.verify(accessToken);
  await sessionOf(deps, identity);
  return identity;
}

/** Which of these sessions still live, in one batch of reads. */
export async function sessionsAlive(
  { sessions, clock }: { readonly sessions: Pick<SessionStore, "getMany">; readonly clock: Clock },
  sessionIds: readonly string[],
): Promise<ReadonlySet<string>> {
  const found = await sessions.getMany(sessionIds);
  const now = clock.now();
  return new Set(found.flatMap((session) => (isAlive(session, now) ? session.sessionId : [])));
}
