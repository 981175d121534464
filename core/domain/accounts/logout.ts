import { DomainError } from "../errors.ts";
import { authenticate } from "./authentication.ts";
import type { AccountsDeps, SessionTokens } from "./deps.ts";
import { sessionOfRefreshToken } from "./refresh.ts";

/**
 * Ends the session that a good token names, so that a browser whose access token has expired can sign out too.
 *
 * @throws DomainError `not-signed-in`, `session-ended` where neither token is good
 */
export async function logout(deps: AccountsDeps, tokens: SessionTokens): Promise<void> {
  const sessionId = (await byRefreshToken(deps, tokens)) ?? (await byAccessToken(deps, tokens));
  await deps.sessions.delete(sessionId);
}

const byRefreshToken = async (deps: AccountsDeps, { refreshToken }: SessionTokens) =>
  refreshToken === undefined ? undefined : sessionOfRefreshToken(deps, refreshToken);

async function byAccessToken(deps: AccountsDeps, { accessToken }: SessionTokens): Promise<string> {
  if (accessToken === undefined) throw new DomainError("not-signed-in");
  return (await authenticate(deps, accessToken)).sessionId;
}

/** Ends the sessions whose good tokens a browser shows that signs in anew: it is about to forget them. */
export async function endReplacedSessions(
  deps: AccountsDeps,
  tokens: SessionTokens | undefined,
): Promise<void> {
  if (!tokens) return;
  const found = await Promise.all([byRefreshToken(deps, tokens), byLiveAccessToken(deps, tokens)]);
  const ids = new Set(found.filter((id) => id !== undefined));
  await Promise.all([...ids].map((id) => deps.sessions.delete(id)));
}

const byLiveAccessToken = (deps: AccountsDeps, tokens: SessionTokens): Promise<string | undefined> =>
  byAccessToken(deps, tokens).catch((error: unknown) => {
    if (error instanceof DomainError) return undefined;
    throw error;
  });
