import type { Song } from "../../core/contract/catalogue.ts";
import { append, type Queue, upcoming } from "./queue.ts";
import type { Store } from "./store.ts";

/** The songs of a list that are not fetched yet: the next page of them at each call, undefined after the last. */
export type SongPages = () => Promise<readonly Song[] | undefined>;

/** So many songs are to be there before they are played. */
const ahead = 200;
/** What a queue holds at most. */
const maxSongs = 10_000;

/**
 * Fills the queue as it goes with what follows in the list that it was started from; all of it where it is shuffled,
 * so that every song can be drawn. A page that fails is asked for again when the queue moves on.
 */
export function createQueueFiller({ queue, random }: { queue: Store<Queue>; random: () => number }) {
  let pages: SongPages | undefined;
  let fetching: Promise<void> | undefined;

  const hasMore = () => pages !== undefined && queue.get().songs.length < maxSongs;
  const isShort = () => queue.get().shuffled || upcoming(queue.get()).length < ahead;

  async function fetchPage(from: SongPages): Promise<void> {
    const songs = await from();
    if (pages !== from) return;
    if (songs) queue.update((list) => append(list, songs.slice(0, maxSongs - list.songs.length), random));
    else pages = undefined;
  }

  /** Fetches the next page, if there is one. Those who ask meanwhile wait for the same. */
  function more(): Promise<void> {
    if (!pages || !hasMore()) return Promise.resolve();
    if (fetching) return fetching;
    const mine = fetchPage(pages).finally(() => {
      if (fetching === mine) fetching = undefined;
    });
    fetching = mine;
    return mine;
  }

  function fill(): void {
    if (fetching || !hasMore() || !isShort()) return;
    more().then(fill, () => {});
  }

  queue.subscribe(fill);

  return {
    hasMore,
    /** @returns when the next page is there or could not be had */
    more: () => more().catch(() => {}),
    /** Another list plays now, which goes on so; undefined where it is whole. */
    follow(rest: SongPages | undefined): void {
      pages = rest;
      fetching = undefined;
      fill();
    },
  };
}
