import type { SongRecord, SongStore } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";

const maxTries = 5;

/**
 * Changes a row as it is now; whoever was quicker is not written over. `apply` answers `before` itself where nothing is to
 * be changed.
 * @returns undefined where there is none @throws DomainError `conflict` where others were quicker each time
 */
export async function changeSong(
  songs: Pick<SongStore, "get" | "put">,
  songId: string,
  apply: (before: SongRecord) => SongRecord,
): Promise<SongRecord | undefined> {
  for (let tries = 1; ; tries += 1) {
    const before = await songs.get(songId);
    const applied = before && apply(before);
    if (!applied || applied === before) return before;
    const after = { ...applied, version: before.version + 1 };
    try {
      await songs.put(after);
      return after;
    } catch (error) {
      const wasQuicker = error instanceof DomainError && error.kind === "conflict";
      if (!wasQuicker || tries === maxTries) throw error;
    }
  }
}
