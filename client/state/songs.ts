import type { Song } from "../../core/contract/catalogue.ts";
import { ApiFailure } from "../failure.ts";
import { createStore, type Readable } from "./store.ts";

/** A song's details by id: `missing` when the library has it no more. */
export type SongEntry = Song | "missing";

export type SongCache = {
  readonly byId: Readable<ReadonlyMap<string, SongEntry>>;
  /** Keeps songs that came with a list. */
  keep(songs: readonly Song[]): void;
  /** Fetches those that are not known yet; some at a time. */
  want(ids: readonly string[]): void;
};

const atOnce = 6;

/** Songs that the page has met, so that a subscription (which holds only an id) can be shown. */
export function createSongCache(fetchSong: (id: string) => Promise<Song>): SongCache {
  const byId = createStore<ReadonlyMap<string, SongEntry>>(new Map());
  const waiting = new Set<string>();
  const running = new Set<string>();

  const put = (entries: readonly (readonly [string, SongEntry])[]) =>
    byId.update((known) => new Map([...known, ...entries]));

  async function fetchOne(id: string): Promise<void> {
    try {
      put([[id, await fetchSong(id)]]);
    } catch (error) {
      if (error instanceof ApiFailure && error.kind === "not-found") put([[id, "missing"]]);
    }
  }

  function pump(): void {
    for (const id of waiting) {
      if (running.size >= atOnce) return;
      running.add(id);
      waiting.delete(id);
      void fetchOne(id).finally(() => {
        running.delete(id);
        pump();
      });
    }
  }

  return {
    byId,
    keep: (songs) => put(songs.map((song) => [song.songId, song] as const)),
    want(ids) {
      for (const id of ids) if (!byId.get().has(id) && !running.has(id)) waiting.add(id);
      pump();
    },
  };
}
