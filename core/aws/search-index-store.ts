import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { ulid } from "ulid";
import type { SearchIndexWriter, SearchSnapshot, SongSearch } from "../domain/catalogue/ports.ts";
import { createSearchIndex, type SearchIndex } from "../domain/catalogue/search.ts";
import type { Clock } from "../domain/ports.ts";
import type { Database } from "./clients.ts";

type Deps = {
  readonly database: Database;
  readonly s3: S3Client;
  readonly bucket: string;
  readonly clock: Clock;
};
/** The row of `music` that names the newest index object; its version decides between two writers. */
type Pointer = { readonly version: number; readonly objectKey?: string; readonly previousKey?: string };

const pointerId = "index#search";
/** How old a reader's knowledge of the version may be, in milliseconds. */
const freshForMs = 1_000;
const tries = 20;

/** Loads the newest index from S3 once a version, and asks for the version at most once a second. */
export function createSongSearch(deps: Deps): SongSearch {
  let loaded: SearchSnapshot | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;
  let refreshing: Promise<SearchSnapshot> | undefined;

  async function refresh(): Promise<SearchSnapshot> {
    const pointer = await readPointer(deps);
    if (loaded?.version !== pointer.version) loaded = await loadNewest(deps, pointer);
    checkedAt = deps.clock.now().getTime();
    return loaded;
  }

  return {
    async snapshot() {
      if (loaded && deps.clock.now().getTime() - checkedAt < freshForMs) return loaded;
      refreshing ??= refresh().finally(() => {
        refreshing = undefined;
      });
      return refreshing;
    },
  };
}

/**
 * Writes each new version as an object of its own and then moves the pointer on condition of its version, so
 * that of two writers one starts again and no change is lost. The version before the last is removed; readers
 * that still load the last one are left in peace.
 */
export function createSearchIndexWriter(deps: Deps): SearchIndexWriter {
  return {
    async apply({ put, remove }) {
      for (let attempt = 0; attempt < tries; attempt++) {
        const pointer = await readPointer(deps);
        const index = await load(deps, pointer);
        for (const song of put) index.put(song);
        for (const songId of remove) index.remove(songId);
        if (await publish(deps, pointer, index)) return;
      }
      throw new Error(`The search index changed ${tries} times while this change was applied`);
    },
  };
}

async function readPointer({ database }: Deps): Promise<Pointer> {
  const { Item } = await database.client.send(
    new GetCommand({
      TableName: database.table("music"),
      Key: { songId: pointerId },
      ConsistentRead: true,
    }),
  );
  return (Item as Pointer | undefined) ?? { version: 0 };
}

/** While versions follow each other fast, the object just named may be gone already: then ask again. */
async function loadNewest(deps: Deps, pointer: Pointer, attempt = 1): Promise<SearchSnapshot> {
  try {
    const { search } = await load(deps, pointer);
    return { version: pointer.version, search };
  } catch (error) {
    if (!(error instanceof NoSuchKey) || attempt === tries) throw error;
    return loadNewest(deps, await readPointer(deps), attempt + 1);
  }
}

async function load({ s3, bucket }: Deps, { objectKey }: Pointer): Promise<SearchIndex> {
  if (objectKey === undefined) return createSearchIndex();
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: objectKey }));
  return createSearchIndex(await Body?.transformToString());
}

async function publish(deps: Deps, before: Pointer, index: SearchIndex): Promise<boolean> {
  const { s3, bucket } = deps;
  const objectKey = `search/${ulid()}.json`;
  await s3.send(
    new PutObjectCommand({
      Bucket: bucket,
      Key: objectKey,
      Body: index.serialise(),
      ContentType: "application/json",
    }),
  );
  const moved = await movePointer(deps, before, objectKey);
  const obsolete = moved ? before.previousKey : objectKey;
  if (obsolete !== undefined) await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: obsolete }));
  return moved;
}

async function movePointer({ database }: Deps, before: Pointer, objectKey: string): Promise<boolean> {
  try {
    await database.client.send(
      new UpdateCommand({
        TableName: database.table("music"),
        Key: { songId: pointerId },
        UpdateExpression: before.objectKey
          ? "SET #version = :next, #objectKey = :objectKey, #previousKey = :previousKey"
          : "SET #version = :next, #objectKey = :objectKey",
        ConditionExpression: before.version === 0 ? "attribute_not_exists(#version)" : "#version = :before",
        ExpressionAttributeNames: {
          "#version": "version",
          "#objectKey": "objectKey",
          ...(before.objectKey && { "#previousKey": "previousKey" }),
        },
        ExpressionAttributeValues: {
          ":next": before.version + 1,
          ":objectKey": objectKey,
          ...(before.version > 0 && { ":before": before.version }),
          ...(before.objectKey && { ":previousKey": before.objectKey }),
        },
      }),
    );
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
