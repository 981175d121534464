import type { ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { forEachBounded } from "../bounded.ts";
import { readDocument, receiveBody } from "./body.ts";
import { checksumBlockBytes, readChecked } from "./checksums.ts";
import type { OpenObject, StoredObject } from "./object-store.ts";
import { assertWritable, type ObjectRange, type Selection, selectRange } from "./preconditions.ts";
import { objectHeaders, type S3Request, sendEmpty, sendXml } from "./request.ts";
import type { BucketStores } from "./stores.ts";
import { contentsOf, element, leaf, textOf, xmlDocument } from "./xml.ts";

/** Up to this a read leaves as one buffer, which costs a third of a stream; more is streamed, with backpressure. */
const maxBufferBytes = 1024 * 1024;

export async function putObject(
  { objects, receiver }: BucketStores,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const { bucket, key, message } = request;
  await objects.assertBucket(bucket);
  const content = await receiveBody(receiver, request, objects.incoming());
  const { etag } = await objects.put(bucket, key, content, objectHeaders(request), (existing) =>
    assertWritable(existing, message.headers),
  );
  sendEmpty(response, 200, { etag });
}

export async function headObject(
  { objects }: BucketStores,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const object = await objects.find(request.bucket, request.key);
  writeHead(object, selectRange(object, request.message.headers), request, response);
  response.end();
}

export async function getObject(
  { objects }: BucketStores,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  const opened = await objects.open(request.bucket, request.key);
  const { object, file } = opened;
  try {
    const selection = selectRange(object, request.message.headers);
    const range = rangeOf(object, selection);
    const isSmall = range.end - range.start < maxBufferBytes;
    const hasBody = selection.status !== 304;
    // The first bytes are checked before the head says that they are there.
    const body = checkedBytes(opened, range);
    const first = hasBody ? await body.next() : undefined;
    writeHead(object, selection, request, response);
    if (!hasBody || isSmall) response.end(first?.value);
    else await pipeline(startingWith(first?.value, body), response);
  } finally {
    await file.close();
  }
}

const rangeOf = (object: StoredObject, selection: Selection): ObjectRange =>
  selection.status === 206 ? selection.range : { start: 0, end: object.size - 1 };

/** The bytes of a range in pieces of at most `maxBufferBytes`, each checked. @throws DamageError */
async function* checkedBytes(
  { object, file }: OpenObject,
  { start, end }: ObjectRange,
): AsyncGenerator<Buffer> {
  const { size, checksums } = object;
  for (let at = start; at <= end; ) {
    // Pieces before the last end with a block, so that none is read twice.
    const last = end - at < maxBufferBytes ? end : at - (at % checksumBlockBytes) + maxBufferBytes - 1;
    yield await readChecked({ file, size, checksums }, at, last);
    at = last + 1;
  }
}

async function* startingWith(first: Buffer | undefined, rest: AsyncIterable<Buffer>) {
  if (first) yield first;
  yield* rest;
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
  { objects }: BucketStores,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  await objects.assertBucket(request.bucket);
  await objects.delete(request.bucket, request.key);
  sendEmpty(response, 204);
}

const deletedAtOnce = 16;

export async function deleteObjects(
  { objects, receiver }: BucketStores,
  request: S3Request,
  response: ServerResponse,
): Promise<void> {
  await objects.assertBucket(request.bucket);
  const xml = await readDocument(receiver, request);
  const keys = contentsOf(xml, "Object").flatMap((object) => textOf(object, "Key") ?? []);
  await forEachBounded(keys, deletedAtOnce, (key) => objects.delete(request.bucket, key));
  const shown = textOf(xml, "Quiet") === "true" ? [] : keys;
  const deleted = shown.map((key) => element("Deleted", leaf("Key", key)));
  sendXml(response, 200, xmlDocument("DeleteResult", ...deleted));
}
