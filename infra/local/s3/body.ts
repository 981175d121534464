import { createHash, type Hash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rm } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { pipeline } from "node:stream/promises";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { S3Error } from "./errors.ts";
import type { Content } from "./object-store.ts";

/**
 * Receives a request's body into a file. The entity tag is its MD5, as S3's is for a plain upload.
 * @throws S3Error BadDigest where it does not have the digest that the request names, IncompleteBody
 */
export async function receiveBody(request: IncomingMessage, path: string): Promise<Content> {
  const digests = wantedDigests(request);
  const md5 = createHash("md5");
  const hashes = [md5, ...digests.map(({ hash }) => hash)];
  let size = 0;
  async function* measure(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of source) {
      for (const hash of hashes) hash.update(chunk);
      size += chunk.length;
      yield chunk;
    }
  }
  try {
    const source: AsyncIterable<Buffer> = isAwsChunked(request) ? decodeAwsChunked(request) : request;
    await pipeline(measure(source), createWriteStream(path));
    for (const { hash, expected } of digests)
      if (hash.digest("base64") !== expected)
        throw new S3Error("BadDigest", "The digest you specified did not match what was received.");
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return { path, size, etag: `"${md5.digest("hex")}"` };
}

const isAwsChunked = ({ headers }: IncomingMessage): boolean =>
  (headers["content-encoding"]?.includes("aws-chunked") ?? false) ||
  String(headers["x-amz-content-sha256"] ?? "").startsWith("STREAMING-");

const digestHeaders = {
  "content-md5": "md5",
  "x-amz-checksum-sha1": "sha1",
  "x-amz-checksum-sha256": "sha256",
} as const;

function wantedDigests({ headers }: IncomingMessage): { hash: Hash; expected: string }[] {
  return Object.entries(digestHeaders).flatMap(([header, algorithm]) => {
    const expected = headers[header];
    return typeof expected === "string" ? [{ hash: createHash(algorithm), expected }] : [];
  });
}

/** Request documents are small; S3 allows 1,000 keys in one. */
const maxDocumentBytes = 4 * 1024 * 1024;

/** @throws S3Error MalformedXML where it is too long to be one */
export async function readDocument(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  const source: AsyncIterable<Buffer> = isAwsChunked(request) ? decodeAwsChunked(request) : request;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > maxDocumentBytes) throw new S3Error("MalformedXML", "The document is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
