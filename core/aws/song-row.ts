import { fold } from "../domain/catalogue/fold.ts";
import type { SongRecord } from "../domain/catalogue/ports.ts";
import { albumIdOf, artistIdOf, sortKeyOf } from "../domain/catalogue/text.ts";

/** How many partitions the list of all songs is spread over. */
export const titleShards = 4;

/** A row of `music` that is a song; the keys beyond the record serve the indexes. */
export type SongRow = SongRecord & {
  readonly kind: "song";
  readonly titleShard: string;
  readonly titleKey: string;
  readonly artistKey: string;
  readonly albumKey: string;
  readonly trackKey: string;
  readonly albumFolded: string;
  readonly artistFolded: string;
  readonly genreFolded?: string;
};

export const titleShardName = (shard: number): string => `title#${shard}`;

export function toRow(record: SongRecord): SongRow {
  const titleKey = `${sortKeyOf(record.title)}#${record.songId}`;
  const shard = Number.parseInt(record.sha256.slice(0, 8), 16) % titleShards;
  return {
    ...record,
    kind: "song",
    titleShard: titleShardName(shard),
    titleKey,
    artistKey: artistIdOf(record.artist),
    albumKey: albumIdOf(record.albumArtist, record.album),
    trackKey: `${String(record.track ?? 9999).padStart(4, "0")}#${titleKey}`,
    albumFolded: fold(record.album),
    artistFolded: fold(record.artist),
    ...(record.genre !== undefined && { genreFolded: fold(record.genre) }),
  };
}

/** The record of a row, without what only the indexes need. Rows that are no songs have none. */
export function toRecord(row: Record<string, unknown> | undefined): SongRecord | undefined {
  if (row?.kind !== "song") return undefined;
  const {
    kind: _kind,
    titleShard: _titleShard,
    titleKey: _titleKey,
    artistKey: _artistKey,
    albumKey: _albumKey,
    trackKey: _trackKey,
    albumFolded: _albumFolded,
    artistFolded: _artistFolded,
    genreFolded: _genreFolded,
    ...record
  } = row as SongRow;
  return record;
}
