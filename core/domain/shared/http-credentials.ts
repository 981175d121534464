import { DomainError } from "../errors.ts";
import { type CookiePolicy, cookieName } from "./cookies.ts";

/** What a request says of where it comes from and who sent it. */
export type HttpCredentials = {
  readonly origin: string | undefined;
  readonly bearer: string | undefined;
  readonly cookies: ReadonlyMap<string, string>;
};

/** The access token of a request: the header's before the cookie's. */
export const accessTokenOf = (
  policy: CookiePolicy,
  { bearer, cookies }: HttpCredentials,
): string | undefined => bearer ?? cookies.get(cookieName(policy, "access"));

/** The token of an `Authorization: Bearer` header (RFC 6750 §2.1). */
export const bearerOf = (authorization: string | undefined): string | undefined =>
  /^Bearer +([\w.~+/-]+=*)$/i.exec(authorization ?? "")?.[1];

/**
 * Refuses unsafe REST requests of other sites' pages. Browsers send the page's `Origin` with them: a foreign one is
 * refused, and so are cookies without any (OWASP CSRF cheat sheet, "Verifying origin with standard headers").
 * Handshakes of live connections have a rule of their own (`live/protocol/handshake.ts`).
 *
 * @throws DomainError `origin-not-allowed`
 */
export function requireOwnOrigin(
  {
    allowedOrigins,
    cookies: policy,
  }: { readonly allowedOrigins: readonly string[]; readonly cookies: CookiePolicy },
  { origin, bearer, cookies }: HttpCredentials,
): void {
  const hasCookie = cookies.has(cookieName(policy, "access")) || cookies.has(cookieName(policy, "refresh"));
  const ridesOnCookies = bearer === undefined && hasCookie;
  if (origin === undefined ? !ridesOnCookies : allowedOrigins.includes(origin)) return;
  throw new DomainError("origin-not-allowed", "Call from Encore's own pages, or with a bearer token");
}
