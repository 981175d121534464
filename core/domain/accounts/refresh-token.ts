import { createHash, createHmac, randomBytes } from "node:crypto";

/** `<sessionId>.<secret>`: which session, and 256 random bits that only its device knows. */
export type RefreshToken = { readonly sessionId: string; readonly secret: string };

export const newSecret = (): string => randomBytes(32).toString("base64url");

/** A fast hash is enough: there is nothing to guess in 256 random bits. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

/**
 * The secret after this one. It follows from the old secret and a salt that the session's row keeps, so a second
 * tab that shows the old token gets the very token the first one got, and the row alone gives neither away.
 */
export const successorOf = (secret: string, salt: string): string =>
  createHmac("sha256", salt).update(secret).digest("base64url");

export const formatRefreshToken = ({ sessionId, secret }: RefreshToken): string => `${sessionId}.${secret}`;

export function parseRefreshToken(token: string): RefreshToken | undefined {
  const [, sessionId, secret] = /^([0-9A-Z]{26})\.([\w-]{43})$/.exec(token) ?? [];
  return sessionId && secret ? { sessionId, secret } : undefined;
}
