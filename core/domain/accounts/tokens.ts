import { createHash, generateKeyPairSync } from "node:crypto";
import { createDecoder, createSigner, createVerifier } from "fast-jwt";
import type { Static } from "typebox";
import * as Type from "typebox";
import { Check } from "typebox/value";
import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { lifetimes, toSeconds } from "./lifetimes.ts";
import type { SessionIdentity } from "./ports.ts";

const issuer = "encore";
const audience = "encore";
/** RFC 9068 §2.1: no other kind of token can be taken for an access token. */
const tokenType = "at+jwt";

const Claims = Type.Object({
  sub: Type.String(),
  sid: Type.String(),
  email: Type.String(),
  exp: Type.Number(),
});
type Claims = Static<typeof Claims>;

/** What every access token must be (RFC 8725 §3): ES256 alone, and our own issuer, audience and type. */
export const accessTokenRules = {
  algorithms: ["ES256"] as "ES256"[],
  allowedIss: issuer,
  allowedAud: audience,
  checkTyp: tokenType,
  requiredClaims: ["iss", "aud", "sub", "sid", "iat", "exp"],
};

/** Public keys in PEM by key id: the current one, and those before whose tokens may still live. */
export type PublicKeys = Readonly<Record<string, string>>;
/** An ES256 key pair: a P-256 key in PEM, and what `kid` calls it. */
export type TokenKeys = {
  readonly privateKeyPem: string;
  readonly keyId: string;
  readonly publicKeys: PublicKeys;
};

export type TokenVerifier = {
  /** Who a token names; whether the session still lives is not known here. @throws DomainError `not-signed-in` */
  verify(accessToken: string): SessionIdentity;
};
export type TokenSigner = TokenVerifier & { sign(identity: SessionIdentity): string };

/**
 * Checks access tokens: ES256 only, a key that the configuration names, our own issuer, audience and type (RFC
 * 8725). Time is the given clock's, so expiry is compared here and not by the library.
 */
export function createTokenVerifier(publicKeys: PublicKeys, clock: Clock): TokenVerifier {
  const keyIdOf = createKeyIdReader();
  const verifiers = new Map(Object.entries(publicKeys).map(([keyId, key]) => [keyId, verifierFor(key)]));
  const read = (accessToken: string): Claims | undefined => {
    try {
      const claims: unknown = verifiers.get(keyIdOf(accessToken))?.(accessToken);
      return Check(Claims, claims) ? claims : undefined;
    } catch {
      return undefined;
    }
  };
  return {
    verify(accessToken) {
      const claims = read(accessToken);
      if (!claims || claims.exp <= toSeconds(clock.now())) throw new DomainError("not-signed-in");
      return { userId: claims.sub, sessionId: claims.sid, email: claims.email };
    },
  };
}

export function createTokenSigner(
  { privateKeyPem, keyId, publicKeys }: TokenKeys,
  clock: Clock,
): TokenSigner {
  const encode = createSigner({
    key: privateKeyPem,
    algorithm: "ES256",
    header: { alg: "ES256", typ: tokenType, kid: keyId },
  });
  return {
    ...createTokenVerifier(publicKeys, clock),
    sign({ userId, sessionId, email }) {
      const iat = toSeconds(clock.now());
      const exp = iat + lifetimes.accessToken;
      return encode({ iss: issuer, aud: audience, sub: userId, sid: sessionId, email, iat, exp });
    },
  };
}

const verifierFor = (key: string) =>
  createVerifier({
    key,
    ...accessTokenRules,
    ignoreExpiration: true,
  });

function createKeyIdReader(): (token: string) => string {
  const decode = createDecoder({ complete: true });
  return (token) => String(decode(token).header.kid);
}

/** A new key pair, for a machine that has none yet. */
export function generateTokenKeys(): TokenKeys {
  const { privateKey, publicKey } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const keyId = createHash("sha256").update(publicKey).digest("base64url").slice(0, 16);
  return { privateKeyPem: privateKey, keyId, publicKeys: { [keyId]: publicKey } };
}
