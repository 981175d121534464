import { type ClientClock, pause } from "./clock.ts";
import { type Diagnosis, diagnose } from "./diagnosis.ts";
import type { Probe } from "./probe.ts";
import { askedMs, retryDelayMs } from "./retry.ts";

/** An end so near to the catalogue's is the song's (seconds). */
const endSeconds = 1.5;
/** Audio that plays so far beyond where it broke works again (seconds). */
const mendedSeconds = 2;

/** No sound for so long while it should play: ask the server what is wrong (milliseconds). */
const stalledAfterMs = 12_000;

/** What is known of a song's breaks, and when to try again. Positions and durations in seconds. */
export function createRecovery(deps: { probe: Probe; clock: ClientClock; random: () => number }) {
  const { clock } = deps;
  let failures = 0;
  let brokeAt = 0;
  /** Where the audio ended before the catalogue says that it does. */
  let earlyEnd: number | undefined;
  let resting: AbortController | undefined;
  /** The server wants to be left alone until then (milliseconds of the clock). */
  let askedUntil = 0;
  let unwatch = () => {};

  return {
    /** A person begins: what was before counts no more. */
    reset(position: number): void {
      failures = 0;
      brokeAt = position;
      earlyEnd = undefined;
    },
    progressed(position: number): void {
      if (position > brokeAt + mendedSeconds) failures = 0;
    },
    /** An element ends also where its audio was cut; that it ends there again shows that there is no more. */
    isEnd(position: number, duration: number): boolean {
      const isSame = earlyEnd !== undefined && Math.abs(position - earlyEnd) < endSeconds;
      earlyEnd = position;
      return isSame || position >= duration - endSeconds;
    },
    /** @param stalled called when no sound has come for long, unless it is called off by `unwatch` */
    watch(stalled: () => void): void {
      unwatch();
      unwatch = clock.after(stalledAfterMs, stalled);
    },
    unwatch: () => unwatch(),
    /** @param code of the MediaError, 0 where there is none */
    async diagnose(url: string, code: number, position: number): Promise<Diagnosis> {
      const verdict = await deps.probe(url);
      failures += 1;
      brokeAt = position;
      return diagnose(verdict, code, failures);
    },
    /**
     * Resolves when it is time for another try, or the signal aborts. That the network is back shortens it, but for what
     * the server asked for.
     */
    async rest({ error }: Extract<Diagnosis, { kind: "retry" }>, signal: AbortSignal): Promise<void> {
      resting = new AbortController();
      askedUntil = clock.now() + askedMs(error);
      const ends = AbortSignal.any([signal, resting.signal]);
      await pause(clock, retryDelayMs(error, failures, deps.random), ends);
    },
    /** The network is back. */
    wake(): void {
      if (clock.now() >= askedUntil) resting?.abort();
    },
  };
}
