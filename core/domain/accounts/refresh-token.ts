import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** `<sessionId>.<secret>`: which session, and 256 random bits that only its device knows, with a tag behind them. */
export type RefreshToken = { readonly sessionId: string; readonly secret: string };

export const newSecret = (): string => randomBytes(32).toString("base64url");

/** A fast hash is enough: there is nothing to guess in 256 random bits. */
export const hashSecret = (secret: string): string => createHash("sha256").update(secret).digest("base64url");

const secretLength = 43;
const tagLength = 22;

/**
 * A secret of a session, tagged so that the session knows each one it ever issued without keeping them. The key lies in
 * the session's row: whoever reads it can end the session, but not renew it.
 */
export const tagSecret = (secret: string, sessionId: string, familyKey: string): string =>
  `${secret}${tagOf(secret, sessionId, familyKey)}`;

/** Whether a secret carries the tag of this session's family. */
export function isIssued(secret: string, sessionId: string, familyKey: string | undefined): boolean {
  if (familyKey === undefined || secret.length !== secretLength + tagLength) return false;
  const tag = tagOf(secret.slice(0, secretLength), sessionId, familyKey);
  return timingSafeEqual(Buffer.from(tag), Buffer.from(secret.slice(secretLength)));
}

const tagOf = (secret: string, sessionId: string, familyKey: string): string =>
  createHmac("sha256", familyKey).update(`${sessionId}.${secret}`).digest("base64url").slice(0, tagLength);

/**
 * The secret after this one, yet without a tag. It follows from the old secret and a salt that the session's row keeps,
 * so a second tab that shows the old token gets the very token the first one got, and the row alone gives neither away.
 */
export const successorOf = (secret: string, salt: string): string =>
  createHmac("sha256", salt).update(secret).digest("base64url");

export const formatRefreshToken = ({ sessionId, secret }: RefreshToken): string => `${sessionId}.${secret}`;

/** Tokens of sessions that were opened before secrets had tags are without one. */
const format = new RegExp(`^([0-9A-Z]{26})\\.([\\w-]{${secretLength}}(?:[\\w-]{${tagLength}})?)$`);

export function parseRefreshToken(token: string): RefreshToken | undefined {
  const [, sessionId, secret] = format.exec(token) ?? [];
  return sessionId && secret ? { sessionId, secret } : undefined;
}
