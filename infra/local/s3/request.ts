import type { IncomingMessage, ServerResponse } from "node:http";
import type { SignatureVerdict } from "../signatures/verify.ts";
import { splitOnce } from "../split-once.ts";
import { S3Error } from "./errors.ts";
import type { StoredObject } from "./object-store.ts";

/** One request, addressed in path style. `key` is empty where the bucket itself is meant, `bucket` at the root. */
export type S3Request = {
  readonly method: string;
  readonly bucket: string;
  readonly key: string;
  readonly query: URLSearchParams;
  readonly message: IncomingMessage;
  /** What the signature says. */
  readonly verdict: SignatureVerdict;
};

const maxKeyBytes = 1024;

/**
 * @param base the path below which the engine is reached
 * @throws S3Error InvalidArgument, KeyTooLongError
 */
export function parseRequest(message: IncomingMessage, verdict: SignatureVerdict, base = ""): S3Request {
  const [path = "/", search = ""] = splitOnce((message.url ?? "/").slice(base.length), "?");
  const [bucket = "", key = ""] = splitOnce(path.slice(1), "/").map(decode);
  if (Buffer.byteLength(key) > maxKeyBytes) throw new S3Error("KeyTooLongError", "Your key is too long");
  const query = new URLSearchParams(search);
  return { method: message.method ?? "GET", bucket, key, query, message, verdict };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new S3Error("InvalidArgument", "The path is not valid percent-encoding.");
  }
}

const storedHeaders = [
  "cache-control",
  "content-disposition",
  "content-encoding",
  "content-language",
  "expires",
];

/** The headers of an upload that are kept and answered with the object. */
export function objectHeaders({ message }: S3Request): StoredObject["headers"] {
  const kept: Record<string, string> = { "content-type": "application/octet-stream" };
  for (const [name, value] of Object.entries(message.headers)) {
    if (typeof value !== "string") continue;
    if (name === "content-type" || storedHeaders.includes(name) || name.startsWith("x-amz-meta-"))
      kept[name] = value;
  }
  return withoutAwsChunked(kept);
}

/** The framing of an upload is not an encoding of the object. */
function withoutAwsChunked({ "content-encoding": encoding, ...others }: Record<string, string>) {
  const rest = (encoding ?? "").split(",").map((name) => name.trim());
  const kept = rest.filter((name) => name !== "" && name !== "aws-chunked").join(",");
  return kept ? { ...others, "content-encoding": kept } : others;
}

export function sendXml(response: ServerResponse, status: number, xml: string, headers = {}): void {
  response.writeHead(status, {
    ...headers,
    "content-type": "application/xml",
    "content-length": Buffer.byteLength(xml),
  });
  response.end(xml);
}

export function sendEmpty(response: ServerResponse, status: number, headers = {}): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, "content-length": 0 });
  response.end();
}
