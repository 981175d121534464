import { isDeepStrictEqual } from "node:util";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { toSongRecord } from "../core/aws/song-row.ts";
import { type StreamRecord, toStreamRecord } from "../core/aws/stream-records.ts";
import { indexSongs, type SongChange } from "../core/domain/catalogue/indexing.ts";
import type { SearchIndexWriter } from "../core/domain/catalogue/ports.ts";
import { toSong } from "../core/domain/catalogue/record.ts";

export type IndexMusicDeps = { readonly index: SearchIndexWriter };

/** Feeds the search index from the stream of `music`: a failed batch is delivered again, which harms nothing. */
export const createIndexMusicHandler =
  ({ index }: IndexMusicDeps) =>
  ({ Records }: DynamoDBStreamEvent): Promise<void> =>
    indexSongs(index, Records.map(toStreamRecord).flatMap(songChange));

/** A row that changed in nothing that the index holds, as in a migration, is no change of it. */
function songChange({ keys, before: oldRow, after: newRow }: StreamRecord): SongChange[] {
  const [before, record] = [toSongRecord(oldRow), toSongRecord(newRow)];
  const isSame = before && record && isDeepStrictEqual(toSong(before), toSong(record));
  return (before || record) && !isSame ? [{ songId: String(keys.songId), record }] : [];
}
