import { createHash } from "node:crypto";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import { createSearchIndex, type SearchIndex, searchIndexFormat } from "../domain/catalogue/search.ts";
import type { Clock } from "../domain/ports.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

export type SearchIndexDeps = {
  readonly database: Database;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly clock: Clock;
};

/** The row of `music` that names the newest index object; its version decides between two writers. */
export type Pointer = {
  readonly version: number;
  readonly objectKey?: string;
  /** SHA-256 of the object in hex; of old, pointers had none. */
  readonly sha256?: string;
  readonly previousKey?: string;
  /** `searchIndexFormat` of who wrote the object; of old, pointers had none. */
  readonly format?: number;
};

const pointerId = "index#search";

/** There is no index object, or it is not the one that was written: it must be made from the songs again. */
export class IndexLostError extends Error {}

export async function readIndexPointer({ database }: SearchIndexDeps): Promise<Pointer> {
  const { Item } = await database.client.send(
    new GetCommand({
      TableName: database.table("music"),
      Key: { songId: pointerId },
      ConsistentRead: true,
    }),
  );
  // A claim may be there before any version is.
  return { version: 0, ...Item };
}

/** @throws IndexLostError, also where other rules made the index; whatever else is thrown says that the store is out of reach */
export async function loadIndex(deps: SearchIndexDeps, pointer: Pointer): Promise<SearchIndex> {
  if (pointer.version > 0 && pointer.format !== searchIndexFormat)
    throw new IndexLostError("The search index was made by another version of Encore");
  const text = await readObject(deps, pointer.objectKey);
  if (pointer.sha256 !== undefined && sha256Of(text) !== pointer.sha256)
    throw new IndexLostError("The search index is not the one that was written");
  try {
    return createSearchIndex(text);
  } catch (cause) {
    throw new IndexLostError("The search index cannot be read", { cause });
  }
}

async function readObject({ s3, bucket }: SearchIndexDeps, objectKey: string | undefined): Promise<string> {
  if (objectKey === undefined) throw new IndexLostError("No search index has been written yet");
  const { Body } = await s3
    .send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }))
    .catch(lostWhenGone);
  try {
    return (await Body?.transformToString()) ?? "";
  } catch (cause) {
    throw new IndexLostError("The search index cannot be read to its end", { cause });
  }
}

/** A store that finds an object damaged answers 500, whatever it is asked again. */
function lostWhenGone(cause: unknown): never {
  const isDamaged = cause instanceof S3ServiceException && cause.$metadata.httpStatusCode === 500;
  if (cause instanceof NoSuchKey || isDamaged)
    throw new IndexLostError("The search index is gone", { cause });
  throw cause;
}

const sha256Of = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * Writes an index as an object of its own and then moves the pointer on condition of its version. The version before the
 * last is removed; readers that still load the last one are left in peace.
 * @returns false where another writer was quicker: then nothing of it is left
 */
export async function publishIndex(
  deps: SearchIndexDeps,
  before: Pointer,
  index: SearchIndex,
): Promise<boolean> {
  const { s3, bucket } = deps;
  const [Key, Body] = [`search/${ulid()}.json`, index.serialise()];
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body, ContentType: "application/json" }));
  const moved = await movePointer(deps, before, { objectKey: Key, sha256: sha256Of(Body) });
  const obsolete = moved ? before.previousKey : Key;
  if (obsolete !== undefined) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: obsolete }));
  return moved;
}

async function movePointer(
  { database }: SearchIndexDeps,
  before: Pointer,
  after: Required<Pick<Pointer, "objectKey" | "sha256">>,
): Promise<boolean> {
  const values = {
    version: before.version + 1,
    format: searchIndexFormat,
    ...after,
    ...(before.objectKey !== undefined && { previousKey: before.objectKey }),
  };
  const names = Object.keys(values);
  const request = new UpdateCommand({
    TableName: database.table("music"),
    Key: { songId: pointerId },
    UpdateExpression: `SET ${names.map((name) => `#${name} = :${name}`).join(", ")}`,
    ConditionExpression: before.version === 0 ? "attribute_not_exists(#version)" : "#version = :before",
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ...Object.fromEntries(Object.entries(values).map(([name, value]) => [`:${name}`, value])),
      ...(before.version > 0 && { ":before": before.version }),
    },
  });
  return (await unlessRefused(database.client.send(request))) !== undefined;
}

/**
 * Claims the making of a lost index for a while, so that of many processes that miss it one reads all songs.
 * @returns false while another has it
 */
export async function claimRebuild(
  { database, clock }: SearchIndexDeps,
  claimedForMs: number,
): Promise<boolean> {
  const now = clock.now().getTime();
  const request = new UpdateCommand({
    TableName: database.table("music"),
    Key: { songId: pointerId },
    UpdateExpression: "SET #rebuildUntil = :until",
    // A claim that ends later than one made now is of a clock that has been put back since.
    ConditionExpression:
      "attribute_not_exists(#rebuildUntil) OR #rebuildUntil <= :now OR #rebuildUntil > :until",
    ExpressionAttributeNames: { "#rebuildUntil": "rebuildUntil" },
    ExpressionAttributeValues: { ":until": now + claimedForMs, ":now": now },
  });
  return (await unlessRefused(database.client.send(request))) !== undefined;
}

/** Lets the next process that misses the index begin at once. */
export async function releaseRebuild({ database }: SearchIndexDeps): Promise<void> {
  await database.client.send(
    new UpdateCommand({
      TableName: database.table("music"),
      Key: { songId: pointerId },
      UpdateExpression: "REMOVE #rebuildUntil",
      ExpressionAttributeNames: { "#rebuildUntil": "rebuildUntil" },
    }),
  );
}
