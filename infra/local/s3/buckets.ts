import type { ServerResponse } from "node:http";
import { S3Error } from "./errors.ts";
import { compareKeys, type KeyIndex, type ListedObject } from "./key-index.ts";
import { type S3Request, sendEmpty, sendXml } from "./request.ts";
import type { BucketStores } from "./stores.ts";
import { element, leaf, xmlDocument } from "./xml.ts";

export async function createBucket(
  { objects }: BucketStores,
  { bucket }: S3Request,
  response: ServerResponse,
) {
  if (!(await objects.createBucket(bucket)))
    throw new S3Error("BucketAlreadyOwnedByYou", "You have created this bucket before.");
  sendEmpty(response, 200, { location: `/${bucket}` });
}

export async function headBucket({ objects }: BucketStores, { bucket }: S3Request, response: ServerResponse) {
  await objects.assertBucket(bucket);
  sendEmpty(response, 200);
}

export async function deleteBucket(
  { objects }: BucketStores,
  { bucket }: S3Request,
  response: ServerResponse,
) {
  await objects.deleteBucket(bucket);
  sendEmpty(response, 204);
}

const maxKeys = 1000;

/** One entry of a listing: an object, or the prefix that several share up to the delimiter. */
type Entry = { readonly name: string; readonly object?: ListedObject };

/** ListObjectsV2. A continuation token is the last name shown. */
export async function listObjects(
  { objects }: BucketStores,
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

  const found = entriesAfter(await objects.list(bucket), { prefix, delimiter, after, limit: limit + 1 });
  const shown = found.slice(0, limit);
  const isTruncated = found.length > shown.length;
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

type Selection = {
  readonly prefix: string;
  readonly delimiter: string;
  /** The name after which entries are wanted. */
  readonly after: string;
  readonly limit: number;
};

/** Looks at no more keys than it answers, and those that share a prefix up to the delimiter. */
function entriesAfter(index: KeyIndex, { prefix, delimiter, after, limit }: Selection): Entry[] {
  const entries: Entry[] = [];
  for (const object of index.startingAt(compareKeys(after, prefix) > 0 ? after : prefix)) {
    if (entries.length >= limit || !object.key.startsWith(prefix)) break;
    const at = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const name = at < 0 ? object.key : object.key.slice(0, at + delimiter.length);
    if (compareKeys(name, after) <= 0 || name === entries.at(-1)?.name) continue;
    entries.push(at < 0 ? { name, object } : { name });
  }
  return entries;
}

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
