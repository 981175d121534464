import { createHash } from "node:crypto";
import { type Disk, discard } from "../disk.ts";
import { decodeAwsChunked } from "./aws-chunked.ts";
import { createBlockWriter } from "./checksums.ts";
import { S3Error } from "./errors.ts";
import type { Content } from "./object-store.ts";
import { createPayloadChecks } from "./payload.ts";
import type { S3Request } from "./request.ts";
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
 * @throws S3Error where the body is not the one that was signed, or has not the digest that the request names; also
 * IncompleteBody, RequestTimeout
 */
export async function receiveBody(receiver: Receiver, request: S3Request, path: string): Promise<Content> {
  const md5 = createHash("md5");
  const file = await receiver.disk.create(path);
  try {
    try {
      const writer = createBlockWriter(file, expectedBytes(request));
      for await (const chunk of checkedBody(receiver, request)) {
        md5.update(chunk);
        await writer.write(chunk);
      }
      const written = await writer.end();
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

/** The bytes of a body without its framing; after the last, everything that the request says of them was found true. */
async function* checkedBody({ stallMs }: Receiver, { message, verdict }: S3Request): AsyncGenerator<Buffer> {
  const checks = createPayloadChecks(message.headers, verdict);
  const source = bytesOf(message, stallMs);
  for await (const chunk of checks.isChunked ? decodeAwsChunked(source, checks.observer) : source) {
    checks.update(chunk);
    yield chunk;
  }
  checks.end();
}

function expectedBytes({ message }: S3Request): number | undefined {
  const length = Number(message.headers["content-length"]);
  return Number.isInteger(length) ? length : undefined;
}

/** Request documents are small; S3 allows 1,000 keys in one. */
const maxDocumentBytes = 4 * 1024 * 1024;

/** @throws S3Error MalformedXML where it is too long to be one; as `receiveBody` */
export async function readDocument(receiver: Receiver, request: S3Request): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of checkedBody(receiver, request)) {
    size += chunk.length;
    if (size > maxDocumentBytes) throw new S3Error("MalformedXML", "The document is too long.");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
