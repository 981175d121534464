import { LRUCache } from "lru-cache";
import type { SongRecord } from "../../core/domain/catalogue/ports.ts";
import type { SongEvent } from "../../core/domain/live/push/ports.ts";

export type SongCacheDeps = {
  /** Consistent. */
  readonly read: (songId: string) => Promise<SongRecord | undefined>;
  readonly onSongEvent: (listener: (event: SongEvent) => void) => () => void;
  /** How long a song is believed where no push tells of a change, in milliseconds. */
  readonly maxAgeMs?: number;
};

/** The songs that this process serves just now: a player asks for many ranges of one, and each must know it. */
export type SongCache = {
  /** The song as of the last push about it, or undefined where there is none. */
  get(songId: string): Promise<SongRecord | undefined>;
  /** The same, where it is remembered. */
  known(songId: string): SongRecord | undefined;
  close(): void;
};

const rememberedSongs = 10_000;

/** Promises too, so that a push makes forgotten what is only being read. */
type Entry = { readonly reading: Promise<SongRecord | undefined>; record?: SongRecord };

export function createSongCache({ read, onSongEvent, maxAgeMs = 60_000 }: SongCacheDeps): SongCache {
  const known = new LRUCache<string, Entry>({
    max: rememberedSongs,
    ttl: maxAgeMs,
    // Asked for the time once a second at most, not for each range.
    ttlResolution: Math.min(maxAgeMs, 1_000),
  });

  function load(songId: string): Promise<SongRecord | undefined> {
    const entry: Entry = { reading: read(songId) };
    const forget = () => {
      if (known.peek(songId) === entry) known.delete(songId);
    };
    known.set(songId, entry);
    entry.reading.then((record) => {
      if (record) entry.record = record;
      else forget();
    }, forget);
    return entry.reading;
  }

  return {
    get: (songId) => known.get(songId)?.reading ?? load(songId),
    known: (songId) => known.get(songId)?.record,
    close: onSongEvent(({ songId }) => void known.delete(songId)),
  };
}
