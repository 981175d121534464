import { setTimeout as wait } from "node:timers/promises";
import type { Level, Run } from "./dynalite.ts";
import { removeExpired } from "./time-to-live.ts";
import { trimStreamLog } from "./trim-stream-log.ts";

export type HousekeepingOptions = {
  /** Between the end of one round and the beginning of the next, in milliseconds. The first begins at once. */
  readonly everyMs?: number;
};

export type Housekeeping = {
  /** Ends the round that is under way and begins no other. */
  stop(): Promise<void>;
};

/** Removes what has had its time while the engine runs: stream records of a day ago, and rows that have expired. */
export function startHousekeeping(
  db: Level,
  run: Run,
  { everyMs = 10 * 60 * 1000 }: HousekeepingOptions = {},
): Housekeeping {
  const stopping = new AbortController();
  const { signal } = stopping;
  const rounds = async () => {
    while (!signal.aborted) {
      await tidy(db, run, signal);
      await wait(everyMs, undefined, { signal, ref: false }).catch(() => {});
    }
  };
  const done = rounds();
  return {
    stop: async () => {
      stopping.abort();
      await done;
    },
  };
}

/** What fails is left to the next round. */
async function tidy(db: Level, run: Run, signal: AbortSignal): Promise<void> {
  try {
    await trimStreamLog(db, signal);
    await removeExpired(db, run, signal);
  } catch (error) {
    if (db.storage.refusal() !== undefined || signal.aborted) return;
    process.emitWarning(`Old rows and stream records cannot be removed: ${String(error)}`);
  }
}
