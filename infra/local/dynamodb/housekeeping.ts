import { setTimeout as wait } from "node:timers/promises";
import type { Level } from "./level/level.ts";
import type { Run } from "./store.ts";
import { removeExpired } from "./time-to-live.ts";
import { trimStreamLog } from "./trim-stream-log.ts";

export type HousekeepingOptions = {
  /** Between the end of one round and the beginning of the next, in milliseconds. */
  readonly everyMs?: number;
  /** Before the first round, in milliseconds; at most `everyMs`. */
  readonly firstAfterMs?: number;
};

export type Housekeeping = {
  /** Ends the round that is under way and begins no other. */
  stop(): Promise<void>;
};

/**
 * Removes what has had its time while the engine runs: stream records of a day ago, and rows that have expired. An engine
 * that was off for a day lets its consumers read first what they had not read then.
 */
export function startHousekeeping(
  db: Level,
  run: Run,
  { everyMs = 10 * 60 * 1000, firstAfterMs = 60_000 }: HousekeepingOptions = {},
): Housekeeping {
  const stopping = new AbortController();
  const { signal } = stopping;
  const pause = (ms: number) => wait(ms, undefined, { signal, ref: false }).catch(() => {});
  const rounds = async () => {
    await pause(Math.min(firstAfterMs, everyMs));
    while (!signal.aborted) {
      await tidy(db, run, signal);
      await pause(everyMs);
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
