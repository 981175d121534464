import type { ServerResponse } from "node:http";
import { S3Error } from "./errors.ts";
import type { ObjectStore, StoredObject } from "./object-store.ts";
import { type S3Request, sendEmpty, sendXml } from "./request.ts";
import { element, leaf, xmlDocument } from "./xml.ts";

export async function createBucket(store: ObjectStore, { bucket }: S3Request, response: ServerResponse) {
  if (!(await store.createBucket(bucket)))
    throw new S3Error("BucketAlreadyOwnedByYou", "You have created this bucket before.");
  sendEmpty(response, 200, { location: `/${bucket}` });
}

export async function headBucket(store: ObjectStore, { bucket }: S3Request, response: ServerResponse) {
  await store.assertBucket(bucket);
  sendEmpty(response, 200);
}

export async function deleteBucket(store: ObjectStore, { bucket }: S3Request, response: ServerResponse) {
  await store.deleteBucket(bucket);
  sendEmpty(response, 204);
}

const maxKeys = 1000;

/** One entry of a listing: an object, or the prefix that several share up to the delimiter. */
type Entry = { readonly name: string; readonly object?: StoredObject };

/** ListObjectsV2. A continuation token is the last name shown. */
export async function listObjects(
  store: ObjectStore,
  { bucket, query }: S3Request,
  response: ServerResponse,
) {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const token = query.get("continuation-token");
  const after =
    token === null ? (query.get("start-after") ?? "") : Buffer.from(token, "base64url").toString();
  const limit = Math.min(Number(query.get("max-keys") ?? maxKeys), maxKeys);
  const encode = query.get("encoding-type") === "url" ? encodeURIComponent : (text: string) => text;

  const objects = (await store.list(bucket)).filter(({ key }) => key.startsWith(prefix));
  const left = toEntries(objects, prefix, delimiter).filter(({ name }) => isAfter(name, after));
  const shown = left.slice(0, limit);
  const isTruncated = left.length > shown.length;
  const next = Buffer.from(shown.at(-1)?.name ?? "").toString("base64url");
  const children = [
    leaf("Name", bucket),
    leaf("Prefix", encode(prefix)),
    leaf("KeyCount", shown.length),
    leaf("MaxKeys", limit),
    leaf("IsTruncated", isTruncated),
    ...(isTruncated ? [leaf("NextContinuationToken", next)] : []),
    ...(query.has("encoding-type") ? [leaf("EncodingType", "url")] : []),
  ];
  sendXml(
    response,
    200,
    xmlDocument("ListBucketResult", ...children, ...shown.map((entry) => entryXml(entry, encode))),
  );
}

function toEntries(objects: readonly StoredObject[], prefix: string, delimiter: string): Entry[] {
  const entries = new Map<string, Entry>();
  for (const object of objects) {
    const at = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const name = at < 0 ? object.key : object.key.slice(0, at + delimiter.length);
    entries.set(name, at < 0 ? { name, object } : { name });
  }
  return [...entries.values()];
}

const isAfter = (name: string, other: string): boolean =>
  Buffer.compare(Buffer.from(name), Buffer.from(other)) > 0;

const entryXml = ({ name, object }: Entry, encode: (text: string) => string): string =>
  object
    ? element(
        "Contents",
        leaf("Key", encode(name)),
        leaf("LastModified", object.lastModified),
        leaf("ETag", object.etag),
        leaf("Size", object.size),
        leaf("StorageClass", "STANDARD"),
      )
    : element("CommonPrefixes", leaf("Prefix", encode(name)));
