import type { ServerMessage } from "../../core/contract/live.ts";
import { applyChanges, applySnapshot, type Replica } from "../../core/domain/subscriptions/replica.ts";
import { type ClientClock, pause } from "../clock.ts";
import { retryDelayMs } from "../retry.ts";
import type { Store } from "../state/store.ts";
import { type FetchList, fetchSnapshot } from "./snapshot.ts";

/** An answer that does not come within this is asked for again. */
const answerWithinMs = 10_000;
/** Between two questions at least this, so that no disagreement with the server can become a flood. */
const askEveryMs = 250;

/**
 * Brings a replica to the newest revision that was heard of, whatever was lost, doubled or reordered on the way:
 * by `hello` when something is missing, by the list when that is not enough.
 *
 * @param ask sends `hello` with what the replica has; does nothing while there is no connection
 * @param fatal whether an error of `fetchList` makes further tries pointless
 */
export function createCatchUp(deps: {
  replica: Store<Replica>;
  fetchList: FetchList;
  ask: () => void;
  fatal: (error: unknown) => boolean;
  clock: ClientClock;
  random: () => number;
}) {
  const { replica, clock } = deps;
  let heard: { epoch: string; revision: number } | undefined;
  let asked: { at: number; target: number } | undefined;
  let fetching = false;
  /** The head is said to be below what the replica has: that answer was late, or the server's store went back. */
  let ahead = false;
  let askedAt = Number.NEGATIVE_INFINITY;
  let cancelLater = () => {};

  const hear = (revision: number, epoch = heard?.epoch): void => {
    if (epoch === undefined) return;
    const known = heard?.epoch === epoch ? heard.revision : 0;
    heard = { epoch, revision: Math.max(known, revision) };
  };

  const behind = (): boolean => {
    const { epoch, revision } = replica.get();
    return heard !== undefined && (epoch !== heard.epoch || (revision ?? -1) < heard.revision);
  };

  /** An answer is under way: it was asked for lately and has not brought all that it promised. */
  const answerDue = (): boolean =>
    asked !== undefined &&
    (replica.get().revision ?? -1) < asked.target &&
    clock.now() - asked.at < answerWithinMs;

  function settle(): void {
    cancelLater();
    if (!behind() && !ahead) asked = undefined;
    else if (!fetching && !answerDue()) askSoon(askedAt + askEveryMs - clock.now());
  }

  function askSoon(waitMs: number): void {
    if (waitMs <= 0) deps.ask();
    else cancelLater = clock.after(waitMs, settle);
  }

  async function fetchList(signal: AbortSignal): Promise<void> {
    if (fetching) return;
    fetching = true;
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        const snapshot = await fetchSnapshot(deps.fetchList, signal);
        replica.update((current) => applySnapshot(current, snapshot).replica);
        break;
      } catch (error) {
        if (signal.aborted || deps.fatal(error)) break;
        await pause(clock, retryDelayMs(error, failures + 1, deps.random), signal);
      }
    }
    fetching = false;
    asked = undefined;
    if (!signal.aborted) settle();
  }

  function receive(message: ServerMessage, signal: AbortSignal): void {
    if (message.type === "welcome") {
      hear(message.revision, message.epoch);
      if (asked) asked = { ...asked, target: message.revision };
    } else if (message.type === "changes") {
      hear(message.to);
      if (replica.get().epoch === heard?.epoch)
        replica.update((current) => applyChanges(current, message).replica);
    } else if (message.type === "resync") {
      hear(message.revision, message.epoch);
      void fetchList(signal);
    } else if (message.type === "pong" && message.revision !== undefined) {
      hear(message.revision);
      ahead = message.revision < (replica.get().revision ?? 0);
    } else return;
    settle();
  }

  return {
    receive,
    fetchList,
    /** Notes that `hello` was sent. */
    asking: () => {
      ahead = false;
      askedAt = clock.now();
      asked = { at: askedAt, target: Number.POSITIVE_INFINITY };
    },
  };
}
