import type { SearchIndexWriter, SongRecord } from "./ports.ts";
import { toSong } from "./record.ts";

/** What became of one song, from a stream record of its row: the new state, or none after its removal. */
export type SongChange = { readonly songId: string; readonly record: SongRecord | undefined };

/** Applies changes in their order, so only the last of each song counts. Applying them again changes nothing. */
export async function indexSongs(index: SearchIndexWriter, changes: readonly SongChange[]): Promise<void> {
  const latest = new Map(changes.map((change) => [change.songId, change.record]));
  if (latest.size === 0) return;
  const entries = [...latest];
  await index.apply({
    put: entries.flatMap(([, record]) => (record ? [toSong(record)] : [])),
    remove: entries.flatMap(([songId, record]) => (record ? [] : [songId])),
  });
}
