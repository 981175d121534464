import * as Type from "typebox";
import { Check } from "typebox/value";
import type { Environment } from "../ports.ts";
import type { CookiePolicy } from "../shared/cookies.ts";
import { type ThrottleLimits, throttleLimits } from "./throttle-limits.ts";
import type { PublicKeys, TokenKeys } from "./tokens.ts";

/** Which pages may call with cookies, and how those cookies are set. */
export type WebConfig = {
  readonly allowedOrigins: readonly string[];
  readonly cookies: CookiePolicy;
  /** By what a request shows that it came through the edge, which knows the client's address. */
  readonly edgeSecret?: string;
};

/**
 * `ALLOWED_ORIGINS`: origins like `https://encore.example`, separated by commas. Cookies are Secure, with the
 * `__Host-` prefix, unless every origin is plain HTTP, where browsers would keep no such cookie. `EDGE_SECRET`: what the edge sends along.
 */
export function readWebConfig(env: Environment): WebConfig {
  const allowedOrigins = (env.ALLOWED_ORIGINS ?? "").split(",").flatMap((origin) => origin.trim() || []);
  const isPlain = allowedOrigins.length > 0 && allowedOrigins.every((origin) => /^http:/i.test(origin));
  const edgeSecret = env.EDGE_SECRET;
  return { allowedOrigins, cookies: { secure: !isPlain }, ...(edgeSecret && { edgeSecret }) };
}

const Keys = Type.Record(Type.String(), Type.String());

/** `TOKEN_PUBLIC_KEYS`: a JSON object from key id to PEM; more than one while keys are rotated. */
export function readPublicKeys(env: Environment): PublicKeys {
  const keys: unknown = JSON.parse(env.TOKEN_PUBLIC_KEYS ?? "null");
  if (!Check(Keys, keys)) throw new Error("TOKEN_PUBLIC_KEYS must be a JSON object from key id to PEM");
  return Object.fromEntries(Object.entries(keys).map(([keyId, pem]) => [keyId, toPem(pem)]));
}

/** For the one function that signs: `TOKEN_PRIVATE_KEY` (PEM) and `TOKEN_KEY_ID` too. */
export function readTokenConfig(env: Environment): TokenKeys {
  const { TOKEN_PRIVATE_KEY: privateKey, TOKEN_KEY_ID: keyId } = env;
  if (!privateKey || !keyId) throw new Error("TOKEN_PRIVATE_KEY and TOKEN_KEY_ID must be set");
  return { privateKeyPem: toPem(privateKey), keyId, publicKeys: readPublicKeys(env) };
}

/** The environment that `readTokenConfig` reads these keys from. */
export const tokenEnvironment = ({ privateKeyPem, keyId, publicKeys }: TokenKeys) => ({
  TOKEN_PRIVATE_KEY: privateKeyPem,
  TOKEN_KEY_ID: keyId,
  TOKEN_PUBLIC_KEYS: JSON.stringify(publicKeys),
});

/** PEM has line ends, which some places cannot hold; there it is given in base64. */
const toPem = (value: string): string =>
  value.includes("-----BEGIN") ? value : Buffer.from(value, "base64").toString("utf8");

/** `THROTTLE_SCALE` multiplies every limit (a load test from one address needs more than a person). */
export function readThrottleLimits(env: Environment): ThrottleLimits {
  const scale = Number(env.THROTTLE_SCALE ?? 1);
  if (!(scale > 0)) throw new Error("THROTTLE_SCALE must be a number above 0");
  return throttleLimits(scale);
}
