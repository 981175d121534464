import { DomainError } from "../errors.ts";
import { authenticate } from "./authentication.ts";
import type { AccountsDeps } from "./deps.ts";
import { sessionOfRefreshToken } from "./refresh.ts";

export type SessionTokens = {
  readonly accessToken: string | undefined;
  readonly refreshToken: string | undefined;
};

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
