import { createHash, type Hash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type Disk, discard } from "../disk.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { createBlockWriter } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import type { Content } from "./object-store.ts";
import { bytesOf } from "./request-body.ts";

/** Where bodies are received. */
export type Receiver = {
  readonly disk: Disk;
  /** How long a sender may send nothing (milliseconds). */
  readonly stallMs: number;
};

/**
 * Receives a request's body into a new file, and syncs it. The entity tag is its MD5, as S3's is for a plain upload.
 * Where it fails, nothing is left of the file.
 * @throws S3Error BadDigest where it does not have the digest that the request names, IncompleteBody, RequestTimeout
 */
export async function receiveBody(
  receiver: Receiver,
  request: IncomingMessage,
  path: string,
): Promise<Content> {
  const digests = wantedDigests(request);
  const md5 = createHash("md5");
  const hashes = [md5, ...digests.map(({ hash }) => hash)];
  const file = await receiver.disk.create(path);
  try {
    try {
      const writer = createBlockWriter(file, expectedBytes(request));
      for await (const chunk of decodedBytes(receiver, request)) {
        for (const hash of hashes) hash.update(chunk);
        await writer.write(chunk);
      }
      const written = await writer.end();
      for (const { hash, expected } of digests)
        if (hash.digest("base64") !== expected)
          throw new S3Error("BadDigest", "The digest you specified did not match what was received.");
      await file.sync();
      return { path, ...written, etag: `"${md5.digest("hex")}"` };
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard(receiver.disk, path);
    throw error;
  }
}

function decodedBytes({ stallMs }: Receiver, request: IncomingMessage): AsyncIterable<Buffer> {
  const source = bytesOf(request, stallMs);
  return isAwsChunked(request) ? decodeAwsChunked(source) : source;
}

function expectedBytes({ headers }: IncomingMessage): number | undefined {
  const length = Number(headers["content-length"]);
  return Number.isInteger(length) ? length : undefined;
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
export async function readDocument(receiver: Receiver, request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of decodedBytes(receiver, request)) {
    size += chunk.length;
    if (size > maxDocumentBytes) throw new S3Error("MalformedXML", "The document is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
