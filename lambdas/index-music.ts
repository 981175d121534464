import type { DynamoDBStreamEvent } from "aws-lambda";
import { toRecord } from "../core/aws/song-row.ts";
import { type RowChange, toRowChange } from "../core/aws/stream-records.ts";
import { indexSongs, type SongChange } from "../core/domain/catalogue/indexing.ts";
import type { SearchIndexWriter } from "../core/domain/catalogue/ports.ts";
import { indexMusicDeps, onFirstCall } from "./deps.ts";

export type IndexMusicDeps = { readonly index: SearchIndexWriter };

/** Feeds the search index from the stream of `music`: a failed batch is delivered again, which harms nothing. */
export const createIndexMusicHandler =
  ({ index }: IndexMusicDeps) =>
  ({ Records }: DynamoDBStreamEvent): Promise<void> =>
    indexSongs(index, Records.map(toRowChange).flatMap(songChange));

function songChange({ keys, before, after }: RowChange): SongChange[] {
  const record = toRecord(after);
  const isSong = record !== undefined || toRecord(before) !== undefined;
  return isSong ? [{ songId: String(keys.songId), record }] : [];
}

export const handler = onFirstCall(createIndexMusicHandler, indexMusicDeps);
