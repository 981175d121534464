import { fold } from "../domain/catalogue/fold.ts";
import type { SongRecord } from "../domain/catalogue/ports.ts";
import { albumIdOf, sortKeyOf } from "../domain/catalogue/text.ts";

/** How many partitions the list of all songs is spread over. */
export const titleShards = 4;

/** Counts the changes of a song's row and of the rules by which its keys are made (decision 20). */
export const songSchemaVersion = 2;

/** A row of `music` that is a song; the keys beyond the record serve the indexes. */
export type SongRow = SongRecord & {
  readonly kind: "song";
  /** Rows of version 1 have none. */
  readonly schemaVersion: number;
  readonly titleShard: string;
  readonly titleKey: string;
  readonly albumKey: string;
  readonly trackKey: string;
  readonly albumFolded: string;
  readonly genresFolded: readonly string[];
};

export const titleShardName = (shard: number): string => `title#${shard}`;

export function toRow(record: SongRecord): SongRow {
  const titleKey = `${sortKeyOf(record.title)}#${record.songId}`;
  const shard = Number.parseInt(record.sha256.slice(0, 8), 16) % titleShards;
  return {
    ...record,
    kind: "song",
    schemaVersion: songSchemaVersion,
    titleShard: titleShardName(shard),
    titleKey,
    albumKey: albumIdOf(record.albumArtist, record.album),
    trackKey: `${place(record.disc ?? 1)}#${place(record.track ?? 9999)}#${titleKey}`,
    albumFolded: fold(record.album),
    genresFolded: (record.genres ?? []).map(sortKeyOf),
  };
}

const place = (number: number): string => String(number).padStart(4, "0");

/** What rows of version 1 had: one genre, and an index by their one artist. */
type FirstVersion = {
  readonly genre?: string;
  readonly artistKey?: string;
  readonly artistFolded?: string;
  readonly genreFolded?: string;
};

/** The record of a row, without what only the indexes need. Rows that are no songs have none. */
export function toSongRecord(row: Record<string, unknown> | undefined): SongRecord | undefined {
  if (row?.kind !== "song") return undefined;
  const {
    kind: _kind,
    schemaVersion: _schemaVersion,
    titleShard: _titleShard,
    titleKey: _titleKey,
    albumKey: _albumKey,
    trackKey: _trackKey,
    albumFolded: _albumFolded,
    genresFolded: _genresFolded,
    artistKey: _artistKey,
    artistFolded: _artistFolded,
    genreFolded: _genreFolded,
    genre,
    ...record
  } = row as SongRow & FirstVersion;
  return { ...record, ...(genre !== undefined && { genres: [genre] }) };
}
