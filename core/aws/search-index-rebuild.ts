import { ScanCommand } from "@aws-sdk/lib-dynamodb";
import { toSong } from "../domain/catalogue/record.ts";
import { createSearchIndex, type SearchIndex } from "../domain/catalogue/search.ts";
import { DomainError } from "../domain/errors.ts";
import {
  claimRebuild,
  loadIndex,
  type Pointer,
  publishIndex,
  readIndexPointer,
  releaseRebuild,
  type SearchIndexDeps,
} from "./search-index-object.ts";
import { toSongRecord } from "./song-row.ts";

/** As long as a function may run (29 s), and a little more: then a process that died has the claim no longer. */
const claimedForMs = 35_000;
const retryAfterSeconds = 3;

/**
 * Makes a lost index from the songs of the table, and publishes it in the place of `lost`. What is committed meanwhile is
 * not missed: its stream record is applied to whatever version is the newest then, and a version that was published while
 * the songs were read takes this one's place.
 * @throws DomainError `unavailable` while another process makes it
 */
export async function rebuildIndex(
  deps: SearchIndexDeps,
  lost: Pointer,
): Promise<{ readonly pointer: Pointer; readonly index: SearchIndex }> {
  if (!(await claimRebuild(deps, claimedForMs)))
    throw new DomainError("unavailable", "The search index is being made again", { retryAfterSeconds });
  try {
    const found = await readIndexPointer(deps);
    // Whoever had the claim before may have made it.
    if (found.version !== lost.version) return { pointer: found, index: await loadIndex(deps, found) };
    const index = await indexOfAllSongs(deps);
    if (await publishIndex(deps, lost, index))
      return { pointer: { ...lost, version: lost.version + 1 }, index };
    const newer = await readIndexPointer(deps);
    return { pointer: newer, index: await loadIndex(deps, newer) };
  } finally {
    await releaseRebuild(deps);
  }
}

/** Reads the table once, in pages, consistently: the indexes for lists may lag behind what was committed. */
export async function indexOfAllSongs({ database }: SearchIndexDeps): Promise<SearchIndex> {
  const index = createSearchIndex();
  let start: Record<string, unknown> | undefined;
  do {
    const { Items = [], LastEvaluatedKey } = await database.client.send(
      new ScanCommand({
        TableName: database.table("music"),
        ConsistentRead: true,
        ExclusiveStartKey: start,
      }),
    );
    for (const row of Items) {
      const record = toSongRecord(row);
      if (record) index.put(toSong(record));
    }
    start = LastEvaluatedKey;
  } while (start);
  return index;
}
