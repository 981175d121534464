import type { CatalogueMessage } from "../../core/contract/live.ts";
import type { ClientClock } from "../clock.ts";
import { createStore, type Readable } from "./store.ts";

/** Songs that are another now, by id, or `many`: any of them. */
export type ChangedSongs = CatalogueMessage["changed"];

export type CatalogueFeed = {
  /** Another value says that what a page shows of the catalogue may be of before. */
  readonly version: Readable<number>;
  receive(changed: ChangedSongs): void;
  /** Changes may have passed unheard, while there was no connection. */
  missed(): void;
};

/** Pages fetch what they show at most once in so many milliseconds. */
const everyMs = 5_000;
/** Lists and searches are behind a change by up to so much (milliseconds): they are fetched once more after it. */
const settlesMs = 3_000;
/** Devices that a server's restart sent away come back at the same time, and must not all fetch then (milliseconds). */
const missedWithinMs = 10_000;

/**
 * What the server tells of the catalogue, as a number that pages follow.
 *
 * @param outdate told which songs the page must not believe any more
 */
export function createCatalogueFeed(deps: {
  clock: ClientClock;
  random: () => number;
  outdate: (changed: ChangedSongs) => void;
}): CatalogueFeed {
  const { clock } = deps;
  const version = createStore(0);
  let rests = false;
  let isDue = false;
  let cancelLast = () => {};

  function advance(): void {
    isDue = rests;
    if (rests) return;
    rests = true;
    version.update((last) => last + 1);
    clock.after(everyMs, () => {
      rests = false;
      if (isDue) advance();
    });
  }

  function receive(changed: ChangedSongs): void {
    deps.outdate(changed);
    advance();
    cancelLast();
    cancelLast = clock.after(settlesMs, advance);
  }

  return {
    version,
    receive,
    missed: () => void clock.after(deps.random() * missedWithinMs, () => receive("many")),
  };
}
