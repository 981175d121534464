import type { Song } from "../../core/contract/catalogue.ts";
import type { ClientClock } from "../clock.ts";
import { isNotFound } from "../failure.ts";
import type { ChangedSongs } from "./catalogue.ts";
import { createStore, type Readable } from "./store.ts";

/** A song's details by id: `missing` when the library has it no more. */
export type SongEntry = Song | "missing";

export type KnownSongs = {
  readonly byId: Readable<ReadonlyMap<string, SongEntry>>;
  /** Keeps songs that came with a list. */
  keep(songs: readonly Song[]): void;
  /** Fetches those that are not known yet; some at a time. */
  want(ids: readonly string[]): void;
  /** Fetches also those that are another now. */
  refresh(ids: readonly string[]): void;
  /** These are another now: they are shown as they were until somebody asks for them anew. */
  outdate(changed: ChangedSongs): void;
  /** Songs by id, page by page at each call: undefined after the last. Those that are gone are left out. */
  pages(ids: readonly string[]): () => Promise<readonly Song[] | undefined>;
};

const atOnce = 6;
/** A song that could not be fetched is asked for again after so much (milliseconds): elements ask whenever they render. */
const failedRestsMs = 10_000;

/** Songs that the page has met, so that a subscription (which holds only an id) can be shown. */
export function createKnownSongs(fetchSong: (id: string) => Promise<Song>, clock: ClientClock): KnownSongs {
  const byId = createStore<ReadonlyMap<string, SongEntry>>(new Map());
  const waiting = new Set<string>();
  const running = new Set<string>();
  const resting = new Set<string>();
  const outdated = new Set<string>();
  /** Asked for by id, which lists may lag behind. */
  const exact = new Set<string>();

  const put = (entries: readonly (readonly [string, SongEntry])[]) =>
    byId.update((known) => new Map([...known, ...entries]));

  async function fetchEntry(id: string): Promise<SongEntry | undefined> {
    try {
      return await fetchSong(id);
    } catch (error) {
      return isNotFound(error) ? "missing" : undefined;
    }
  }

  async function fetchOne(id: string): Promise<void> {
    const wasOutdated = outdated.delete(id);
    const entry = await fetchEntry(id);
    if (entry && !outdated.has(id)) exact.add(id);
    if (entry) return put([[id, entry]]);
    if (wasOutdated) outdated.add(id);
    resting.add(id);
    clock.after(failedRestsMs, () => resting.delete(id));
  }

  async function entryOf(id: string): Promise<SongEntry> {
    try {
      return byId.get().get(id) ?? (await fetchSong(id));
    } catch (error) {
      if (isNotFound(error)) return "missing";
      throw error;
    }
  }

  async function fetchPage(ids: readonly string[]): Promise<readonly Song[]> {
    const entries = await Promise.all(ids.map(async (id) => [id, await entryOf(id)] as const));
    put(entries);
    return entries.flatMap(([, song]) => (song === "missing" ? [] : song));
  }

  function pump(): void {
    for (const id of waiting) {
      if (running.size >= atOnce) return;
      if (running.has(id)) continue;
      running.add(id);
      waiting.delete(id);
      void fetchOne(id).finally(() => {
        running.delete(id);
        pump();
      });
    }
  }

  const isUnknown = (id: string): boolean => !byId.get().has(id);

  function fetchThose(ids: readonly string[], isNeeded: (id: string) => boolean): void {
    // What changed while it is being fetched is fetched again after that.
    const mayAsk = (id: string) => !resting.has(id) && (!running.has(id) || outdated.has(id));
    for (const id of ids) if (isNeeded(id) && mayAsk(id)) waiting.add(id);
    pump();
  }

  return {
    byId,
    keep(songs) {
      const news = songs.filter(({ songId }) => !exact.has(songId));
      for (const { songId } of news) outdated.delete(songId);
      put(news.map((song) => [song.songId, song] as const));
    },
    want: (ids) => fetchThose(ids, isUnknown),
    refresh: (ids) => fetchThose(ids, (id) => isUnknown(id) || outdated.has(id)),
    outdate(changed) {
      const known = byId.get();
      for (const id of changed === "many" ? known.keys() : changed) {
        exact.delete(id);
        if (known.has(id) || running.has(id)) outdated.add(id);
      }
      // Tells those who show songs, so that they ask anew.
      put([]);
    },
    pages(ids) {
      let at = 0;
      return async () => {
        if (at >= ids.length) return undefined;
        const songs = await fetchPage(ids.slice(at, at + atOnce));
        at += atOnce;
        return songs;
      };
    },
  };
}
