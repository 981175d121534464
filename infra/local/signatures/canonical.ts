import { createHash, createHmac } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { splitOnce } from "../split-once.ts";

/** The parts of AWS Signature Version 4 that signer and verifier share ("Create a signed AWS API request", IAM guide). */

export const algorithm = "AWS4-HMAC-SHA256";

export const sha256Hex = (data: string | Uint8Array): string =>
  createHash("sha256").update(data).digest("hex");

export const hmac = (key: string | Buffer, data: string): Buffer =>
  createHmac("sha256", key).update(data).digest();

/** `<date>/<region>/<service>/aws4_request` */
export type Scope = { readonly date: string; readonly region: string; readonly service: string };

export const scopeText = ({ date, region, service }: Scope): string =>
  `${date}/${region}/${service}/aws4_request`;

/** The key for one day, region and service; it cannot be turned back into the secret. */
export const signingKey = (secretAccessKey: string, { date, region, service }: Scope): Buffer =>
  [region, service, "aws4_request"].reduce(hmac, hmac(`AWS4${secretAccessKey}`, date));

export type CanonicalRequest = {
  readonly method: string;
  /** As it was sent, with its query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** What the client calls the server, which a proxy may have hidden from `headers`. */
  readonly host: string;
  /** Names in lower case, in order. */
  readonly signedHeaders: readonly string[];
  readonly payloadHash: string;
};

/** @throws URIError where the URL is no valid percent-encoding */
export function canonicalRequest(request: CanonicalRequest): string {
  const { method, url, signedHeaders, payloadHash } = request;
  const [path = "/", query = ""] = splitOnce(url, "?");
  return [
    method,
    canonicalPath(path),
    canonicalQuery(query),
    ...signedHeaders.map((name) => `${name}:${canonicalHeader(request, name)}`),
    "",
    signedHeaders.join(";"),
    payloadHash,
  ].join("\n");
}

/** S3's rule: each segment is encoded once, whatever its encoding was; DynamoDB's only path is `/`. */
const canonicalPath = (path: string): string =>
  path
    .split("/")
    .map((segment) => uriEncode(decodeURIComponent(segment)))
    .join("/");

/** In the order of the encoded names, then values; the signature itself is left out. */
function canonicalQuery(query: string): string {
  const pairs = query
    .split("&")
    .filter((pair) => pair !== "")
    .map((pair) => splitOnce(pair, "=").map((text) => uriEncode(decodeURIComponent(text))))
    .filter(([name]) => name !== "X-Amz-Signature")
    .map(([name = "", value = ""]) => [name, value] as const);
  return pairs
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join("&");
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

function canonicalHeader({ headers, host }: CanonicalRequest, name: string): string {
  const value = name === "host" ? host : headers[name];
  const text = Array.isArray(value) ? value.join(",") : (value ?? "");
  return text.trim().replace(/ +/g, " ");
}

/** Everything but unreserved characters (RFC 3986) is encoded. */
const uriEncode = (text: string): string =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );

export const stringToSign = (amzDate: string, scope: Scope, canonical: string): string =>
  [algorithm, amzDate, scopeText(scope), sha256Hex(canonical)].join("\n");
