import type { FileHandle } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { readDocument, receiveBody } from "./body.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { assertWritable, type ByteRange, type Selection, select } from "./preconditions.ts";
import { objectHeaders, type S3Request, sendEmpty, sendXml } from "./request.ts";
import { contentsOf, element, leaf, textOf, xmlDocument } from "./xml.ts";

/** Up to this a read leaves as one buffer, which costs a third of a stream; more is streamed, with backpressure. */
const maxBufferBytes = 1024 * 1024;

export async function putObject(
  store: ObjectStore,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const { bucket, key, message } = request;
  await store.assertBucket(bucket);
  const content = await receiveBody(message, store.incoming());
  const { etag } = await store.put(bucket, key, content, objectHeaders(request), (existing) =>
    assertWritable(existing, message.headers),
  );
  sendEmpty(response, 200, { etag });
}

export async function headObject(
  store: ObjectStore,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const object = await store.find(request.bucket, request.key);
  writeHead(object, select(object, request.message.headers), request, response);
  response.end();
}

export async function getObject(
  store: ObjectStore,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const { object, file } = await store.open(request.bucket, request.key);
  try {
    const selection = select(object, request.message.headers);
    const buffer = selection.status === 304 ? undefined : await readSmall(file, rangeOf(object, selection));
    writeHead(object, selection, request, response);
    if (buffer || selection.status === 304) response.end(buffer);
    else await pipeline(file.createReadStream({ ...rangeOf(object, selection), autoClose: false }), response);
  } finally {
    await file.close();
  }
}

const rangeOf = (object: StoredObject, selection: Selection): ByteRange =>
  selection.status === 206 ? selection.range : { start: 0, end: object.size - 1 };

/** The bytes of a range that fits one buffer. */
async function readSmall(file: FileHandle, { start, end }: ByteRange): Promise<Buffer | undefined> {
  const length = end - start + 1;
  if (length > maxBufferBytes) return undefined;
  const buffer = Buffer.allocUnsafe(length);
  for (let read = 0; read < length; ) {
    const { bytesRead } = await file.read(buffer, read, length - read, start + read);
    if (bytesRead === 0) throw new Error("An object's file is shorter than the object");
    read += bytesRead;
  }
  return buffer;
}

function writeHead(
  object: StoredObject,
  selection: Selection,
  request: S3Request,
  response: ServerResponse,
): void {
  const { start, end } = rangeOf(object, selection);
  response.writeHead(selection.status, {
    ...object.headers,
    ...overrides(request.query),
    etag: object.etag,
    "last-modified": new Date(object.lastModified).toUTCString(),
    "accept-ranges": "bytes",
    ...(selection.status !== 304 && { "content-length": end - start + 1 }),
    ...(selection.status === 206 && { "content-range": `bytes ${start}-${end}/${object.size}` }),
  });
}

const overridable = [
  "content-type",
  "content-language",
  "expires",
  "cache-control",
  "content-disposition",
  "content-encoding",
];

/** The headers that a (presigned) GET asks to be answered instead of the object's own. */
const overrides = (query: URLSearchParams): Record<string, string> =>
  Object.fromEntries(
    overridable.flatMap((name) => {
      const value = query.get(`response-${name}`);
      return value === null ? [] : [[name, value]];
    }),
  );

export async function deleteObject(
  store: ObjectStore,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  await store.assertBucket(request.bucket);
  await store.delete(request.bucket, request.key);
  sendEmpty(response, 204);
}

export async function deleteObjects(
  store: ObjectStore,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  await store.assertBucket(request.bucket);
  const xml = await readDocument(request.message);
  const keys = contentsOf(xml, "Object").flatMap((object) => textOf(object, "Key") ?? []);
  for (const key of keys) await store.delete(request.bucket, key);
  const shown = textOf(xml, "Quiet") === "true" ? [] : keys;
  const deleted = shown.map((key) => element("Deleted", leaf("Key", key)));
  sendXml(response, 200, xmlDocument("DeleteResult", ...deleted));
}
