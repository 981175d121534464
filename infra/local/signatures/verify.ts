import { timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { LRUCache } from "lru-cache";
import { canonicalRequest, hmac, type Scope, signingKey, stringToSign } from "./canonical.ts";
import type { Credentials } from "./credentials.ts";
import { parseAmzDate, SignatureError, type Signed, signedByHeader, signedByUrl } from "./parse.ts";

export type SignedRequest = {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What the client calls the server; `headers.host` where absent. */
  readonly host?: string;
  /** SHA-256 of the body, in hex; what the request says of it where absent. */
  readonly payloadHash?: string;
};

/** What a signature says of its body, and what signatures of its chunks go on from. */
export type SignatureVerdict = {
  readonly payloadHash: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
  readonly amzDate: string;
  readonly scope: Scope;
  readonly key: Buffer;
};

export type Verifier = {
  /** @throws SignatureError */
  verify(request: SignedRequest): SignatureVerdict;
};

export type VerifierOptions = {
  readonly credentials: Credentials;
  readonly service: "s3" | "dynamodb";
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
};

/** Clocks may differ by so much (milliseconds), as AWS has it. */
const maxSkewMs = 15 * 60_000;
const rememberedVerdicts = 4096;
const rememberedKeys = 16;

type Remembered = { readonly verdict: SignatureVerdict; readonly expiresAt: number };

/**
 * Checks signatures of AWS Signature Version 4, of headers and of presigned URLs. A presigned URL is used for many ranges
 * of an object, so that its verdict is remembered until it expires.
 */
export function createVerifier({ credentials, service, now = Date.now }: VerifierOptions): Verifier {
  const verdicts = new LRUCache<string, Remembered>({ max: rememberedVerdicts });
  const keys = new LRUCache<string, Buffer>({ max: rememberedKeys });

  function keyFor(scope: Scope): Buffer {
    const name = `${scope.date}/${scope.region}`;
    const key = keys.get(name) ?? signingKey(credentials.secretAccessKey, scope);
    keys.set(name, key);
    return key;
  }

  function check(request: SignedRequest, signed: Signed): SignatureVerdict {
    const { scope, amzDate, signedHeaders } = signed;
    if (signed.accessKeyId !== credentials.accessKeyId)
      throw new SignatureError("unknown-key", "The access key is not of this start of the engine.");
    if (scope.service !== service || scope.date !== amzDate.slice(0, 8))
      throw new SignatureError("malformed", "The credential is of another service or day.");
    assertHeadersSigned(request.headers, signedHeaders);
    const payloadHash = request.payloadHash ?? signed.payloadHash;
    const { method, url, headers } = request;
    const host = request.host ?? headers.host ?? "";
    const canonical = canonicalRequest({ method, url, headers, host, signedHeaders, payloadHash });
    const key = keyFor(scope);
    const expected = hmac(key, stringToSign(amzDate, scope, canonical));
    const given = Buffer.from(signed.signature, "hex");
    if (given.length !== expected.length || !timingSafeEqual(given, expected))
      throw new SignatureError("mismatch", "The signature is not that of this request and key.");
    return { payloadHash, signedHeaders, signature: signed.signature, amzDate, scope, key };
  }

  /** Only what the URL itself says is in such a signature, and nothing else that is heeded is in the request. */
  const mayRemember = ({ headers }: SignedRequest, { signedHeaders }: Signed): boolean =>
    signedHeaders.length === 1 && !Object.keys(headers).some((name) => name.startsWith("x-amz-"));

  function verifyUrl(request: SignedRequest): SignatureVerdict {
    const name = `${request.method} ${request.host ?? request.headers.host} ${request.url}`;
    const known = verdicts.get(name);
    if (known && now() < known.expiresAt && mayRemember(request, { ...known.verdict, accessKeyId: "" }))
      return known.verdict;
    const signed = signedByUrl(request.url);
    const signedAt = parseAmzDate(signed.amzDate);
    if (signedAt > now() + maxSkewMs) throw new SignatureError("early", "Request is not valid yet");
    const expiresAt = signedAt + signed.expiresSeconds * 1000;
    if (!(now() < expiresAt)) throw new SignatureError("expired", "Request has expired");
    const verdict = check(request, signed);
    if (mayRemember(request, signed)) verdicts.set(name, { verdict, expiresAt });
    return verdict;
  }

  function verifyHeader(request: SignedRequest): SignatureVerdict {
    const signed = signedByHeader(request.headers);
    if (!(Math.abs(parseAmzDate(signed.amzDate) - now()) <= maxSkewMs))
      throw new SignatureError(
        "skewed",
        "The difference between the request time and the current time is too large.",
      );
    return check(request, signed);
  }

  return {
    verify: (request) =>
      request.headers.authorization === undefined ? verifyUrl(request) : verifyHeader(request),
  };
}

/** The host, and everything that changes what a request means. */
function assertHeadersSigned(headers: IncomingHttpHeaders, signedHeaders: readonly string[]): void {
  const wanted = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-"))];
  const missing = wanted.find((name) => !signedHeaders.includes(name));
  if (missing !== undefined)
    throw new SignatureError("unsigned-header", `The header ${missing} must be signed.`);
}
