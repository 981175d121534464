import { LRUCache } from "lru-cache";
import type { SongRecord } from "../../core/domain/catalogue/ports.ts";
import type { SongEvent } from "../../core/domain/live/ports.ts";

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
  close(): void;
};

const rememberedSongs = 10_000;

export function createSongCache({ read, onSongEvent, maxAgeMs = 60_000 }: SongCacheDeps): SongCache {
  // Promises, so that a push makes forgotten what is only being read, too.
  const known = new LRUCache<string, Promise<SongRecord | undefined>>({
    max: rememberedSongs,
    ttl: maxAgeMs,
  });

  function load(songId: string): Promise<SongRecord | undefined> {
    const reading = read(songId);
    const forget = () => {
      if (known.peek(songId) === reading) known.delete(songId);
    };
    known.set(songId, reading);
    reading.then((record) => record ?? forget(), forget);
    return reading;
  }

  return {
    get: (songId) => known.get(songId) ?? load(songId),
    close: onSongEvent(({ songId }) => void known.delete(songId)),
  };
}
