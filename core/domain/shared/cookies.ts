/**
 * Names and attributes of the session's cookies (RFC 6265bis §4.1.3.2: a `__Host-` cookie is Secure, has
 * `Path=/` and no Domain). On a laptop's plain HTTP prefix and Secure are dropped, since Safari refuses them there.
 */
export type CookiePolicy = { readonly secure: boolean };
/** `device` outlives sessions: it only tells a device that was signed in before from a stranger. */
export type CookieKind = "access" | "refresh" | "device";

export const cookieName = (policy: CookiePolicy, kind: CookieKind): string =>
  `${policy.secure ? "__Host-" : ""}encore-${kind}`;

/** A `Set-Cookie` value; `maxAgeSeconds` 0 takes the cookie away. */
export function setCookie(
  policy: CookiePolicy,
  kind: CookieKind,
  value: string,
  maxAgeSeconds: number,
): string {
  const attributes = ["Path=/", "HttpOnly", "SameSite=Strict", `Max-Age=${maxAgeSeconds}`];
  if (policy.secure) attributes.push("Secure");
  return [`${cookieName(policy, kind)}=${value}`, ...attributes].join("; ");
}

/** The cookies of a request, by name; the first of a name counts. */
export function parseCookies(pairs: readonly string[]): ReadonlyMap<string, string> {
  const cookies = new Map<string, string>();
  for (const pair of pairs) {
    const at = pair.indexOf("=");
    const name = pair.slice(0, at).trim();
    if (at > 0 && !cookies.has(name)) cookies.set(name, pair.slice(at + 1).trim());
  }
  return cookies;
}
