import { LRUCache } from "lru-cache";
import type { SongRecord } from "../../core/domain/catalogue/ports.ts";
import type { SongEvent } from "../../core/domain/live/push/ports.ts";

export type SongCacheDeps = {
  /** Consistent. */
  readonly read: (songId: string) => Promise<SongRecord | undefined>;
  readonly onSongEvent: (listener: (event: SongEvent) => void) => () => void;
  /** How long a song is kept where no push tells of a change (milliseconds). */
  readonly maxAgeMs?: number;
};

/** The songs that this process serves: a player asks for many ranges of one, and each needs its row. */
export type SongCache = {
  /** The song as of the last push about it, or undefined where there is none. */
  get(songId: string): Promise<SongRecord | undefined>;
  /** The same, where it is in memory. */
  peek(songId: string): SongRecord | undefined;
  close(): void;
};

const maxSongs = 10_000;

/** The cache holds promises too, so that a push also drops a song that is still being read. */
type Entry = { readonly reading: Promise<SongRecord | undefined>; record?: SongRecord };

export function createSongCache({ read, onSongEvent, maxAgeMs = 60_000 }: SongCacheDeps): SongCache {
  const cached = new LRUCache<string, Entry>({
    max: maxSongs,
    ttl: maxAgeMs,
    // The clock is read once a second at most, not for each range.
    ttlResolution: Math.min(maxAgeMs, 1_000),
  });

  function load(songId: string): Promise<SongRecord | undefined> {
    const entry: Entry = { reading: read(songId) };
    const forget = () => {
      if (cached.peek(songId) === entry) cached.delete(songId);
    };
    cached.set(songId, entry);
    entry.reading.then((record) => {
      if (record) entry.record = record;
      else forget();
    }, forget);
    return entry.reading;
  }

  return {
    get: (songId) => cached.get(songId)?.reading ?? load(songId),
    peek: (songId) => cached.get(songId)?.record,
    close: onSongEvent(({ songId }) => void cached.delete(songId)),
  };
}
