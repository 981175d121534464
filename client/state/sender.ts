import type { SubscriptionResult } from "../../core/contract/subscriptions.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import type { Api, ChangeHeaders } from "../api.ts";
import { type ClientClock, pause } from "../clock.ts";
import { ApiFailure, isSignedOut, superseded } from "../failure.ts";
import { isBusy, retryDelayMs } from "../retry.ts";
import type { ChangeQueue } from "./change-queue.ts";
import { hasEffect, type Pending, predecessorOf } from "./changes.ts";
import { isOfOtherHistory, rebase } from "./rebase.ts";
import { removedSince } from "./removed-since.ts";
import type { Readable } from "./store.ts";

/** How a change ended. Other tabs are told this, so it is plain data but for the error. */
export type SendOutcome =
  | { readonly kind: "done"; readonly change: Pending; readonly result: SubscriptionResult }
  | { readonly kind: "refused"; readonly change: Pending; readonly error: unknown };

/** On what a change that follows an answered one builds; in words: why it cannot. */
type Ground = Pick<Pending, "base" | "asOf"> | "refused" | "superseded";

export type Sender = {
  /** The network is back, or this tab may send now. */
  wake(): void;
  /** Another tab sent a change, and this is how it ended. */
  heard(outcome: SendOutcome): void;
  stop(): void;
};

/**
 * Sends the queue, one change after the other, each under its own name and on the condition that nobody has changed
 * the song since the user saw it. A change stays in the queue until it is answered; a refusal takes those of the same
 * song that follow it along.
 *
 * @param maySend whether this tab, for whoever is signed in now, may send the change
 * @param settled told how each change ended, before it leaves the queue
 * @param delayed told once that Encore answers, but takes no changes just now; again only after it took one
 */
export function createSender(deps: {
  api: Pick<Api, "subscriptions" | "putSubscription" | "patchSubscription" | "deleteSubscription">;
  queue: ChangeQueue;
  replica: Readable<Replica>;
  clock: ClientClock;
  random: () => number;
  maySend: (change: Pending) => boolean;
  settled: (outcome: SendOutcome) => void;
  delayed?: () => void;
}): Sender {
  const { api, queue, replica, clock } = deps;
  const grounds = new Map<string, Ground>();
  const stopping = new AbortController();
  let resting: AbortController | undefined;
  let sending = false;
  let isDelayKnown = false;

  const isPending = (changeId: string | undefined) =>
    queue.pending.get().some((change) => change.changeId === changeId);
  const mayGo = (change: Pending) =>
    !stopping.signal.aborted && isPending(change.changeId) && deps.maySend(change);

  /** Waits for the list, without which it is not known in which history the bases count. */
  const next = (): Pending | undefined =>
    replica.get().revision === null
      ? undefined
      : queue.pending.get().find((change) => !isPending(predecessorOf(change)) && mayGo(change));

  function settle(outcome: SendOutcome): void {
    deps.settled(outcome);
    note(outcome);
    const { changeId } = outcome.change;
    const followers = queue.pending.get().filter((change) => predecessorOf(change) === changeId);
    if (outcome.kind === "refused") followers.forEach(drop);
    else followers.forEach(build);
    queue.remove(changeId);
  }

  const note = (outcome: SendOutcome) => void grounds.set(outcome.change.changeId, groundOf(outcome));

  /** Its foundation was refused, and the user was told so. */
  function drop(change: Pending): void {
    grounds.set(change.changeId, "refused");
    for (const follower of queue.pending.get())
      if (predecessorOf(follower) === change.changeId) drop(follower);
    queue.remove(change.changeId);
  }

  /** Gives a change that followed another its own ground, which outlives this page. */
  function build(change: Pending): Pending | undefined {
    const predecessor = predecessorOf(change);
    if (predecessor === undefined) return change;
    const ground = grounds.get(predecessor);
    if (ground === "refused") return void drop(change);
    // Unknown where the tab that got the answer was closed before it could pass it on.
    if (!ground || ground === "superseded") return void refuse(change);
    const built = { ...change, ...ground };
    queue.replace(built);
    return built;
  }

  const refuse = (change: Pending) => settle({ kind: "refused", change, error: superseded() });

  async function send(change: Pending): Promise<SubscriptionResult> {
    const gone = change.tried ? await removedSince(api.subscriptions, change, stopping.signal) : undefined;
    if (gone) return gone;
    if (!change.tried) queue.replace({ ...change, tried: true });
    const { songId } = change;
    if (change.op === "put") return api.putSubscription(songId, change.input, conditionsOf(change));
    if (change.op === "patch") return api.patchSubscription(songId, change.input, conditionsOf(change));
    return api.deleteSubscription(songId, conditionsOf(change));
  }

  async function sendUntilAnswered(first: Pending): Promise<void> {
    let change = first;
    let counted = 0;
    for (let failures = 1; mayGo(change); failures += 1) {
      let refusal: unknown;
      try {
        change = moved(change);
        const result = await send(change);
        isDelayKnown = false;
        return stopping.signal.aborted ? undefined : settle({ kind: "done", change, result });
      } catch (error) {
        if (stopping.signal.aborted) return;
        if (countsAsFailure(error)) counted += 1;
        const helps =
          isUnanswered(error) ||
          (countsAsFailure(error) && counted < maxFailures) ||
          (await wentBack(change, error).catch(isUnanswered));
        if (stopping.signal.aborted) return;
        if (!helps) return settle({ kind: "refused", change, error: explain(error) });
        if (failures > 1 && isBusy(error)) tellDelay();
        refusal = error;
      }
      change = { ...change, tried: true };
      resting = new AbortController();
      const woken = AbortSignal.any([stopping.signal, resting.signal]);
      await pause(clock, retryDelayMs(refusal, failures, deps.random), woken);
    }
  }

  function tellDelay(): void {
    if (!isDelayKnown) deps.delayed?.();
    isDelayKnown = true;
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    try {
      for (let change = next(); change; change = next()) await take(change);
    } finally {
      sending = false;
    }
  }

  async function take(change: Pending): Promise<void> {
    const built = build(change);
    if (built) await sendUntilAnswered(built);
  }

  /** In the history that the list counts in now. */
  function moved(change: Pending): Pending {
    if (!isOfOtherHistory(change, replica.get())) return change;
    const rebased = rebase(change, replica.get());
    queue.replace(rebased);
    return rebased;
  }

  /**
   * Whether a change was refused because the server's store went back, which this device may not have been told yet.
   * Naming what the device has makes the server notice, too.
   */
  async function wentBack({ asOf }: Pending, error: unknown): Promise<boolean> {
    const { epoch, revision } = replica.get();
    if (!isOfKind(error, ["precondition-failed"]) || epoch === null || revision === null) return false;
    if (asOf?.epoch !== epoch) return asOf !== null;
    const page = await api.subscriptions({ epoch, since: revision, limit: 1 }, stopping.signal);
    return page.epoch !== epoch;
  }

  const start = () => void drain();
  const undo = [queue.pending.subscribe(start), replica.subscribe(start)];
  start();

  return {
    wake() {
      resting?.abort();
      start();
    },
    heard(outcome) {
      note(outcome);
      queue.remove(outcome.change.changeId);
    },
    stop() {
      stopping.abort();
      for (const stop of undo) stop();
    },
  };
}

const conditionsOf = ({ changeId, base }: Pending): ChangeHeaders =>
  typeof base === "number"
    ? { idempotencyKey: changeId, ifMatch: base }
    : { idempotencyKey: changeId, ifNoneMatch: "*" };

/**
 * The answer to a first try is the change itself. The answer to a resend may show what another device made of the
 * song since, which no user of this browser has seen: then nothing can build on it.
 */
function groundOf(outcome: SendOutcome): Ground {
  if (outcome.kind === "refused") return "refused";
  const { epoch, revision, subscription } = outcome.result;
  if (outcome.change.tried && !hasEffect(outcome.change, subscription)) return "superseded";
  const known = Math.max(revision, subscription?.revision ?? 0);
  return { base: subscription?.revision ?? null, asOf: { epoch, revision: known } };
}

const explain = (error: unknown): unknown =>
  error instanceof ApiFailure && error.kind === "precondition-failed" ? superseded(error.problem) : error;

/** How many failures that the change itself may cause are borne before it is refused. */
const maxFailures = 10;

/** Nobody answered, or nobody who could: nothing is wrong with the change, so it is sent as often as it takes. */
const isUnanswered = (error: unknown): boolean =>
  isSignedOut(error) || isBusy(error) || isOfKind(error, ["offline"]);
const countsAsFailure = (error: unknown): boolean => isOfKind(error, ["internal", "conflict"]);
const isOfKind = (error: unknown, kinds: readonly ApiFailure["kind"][]): boolean =>
  error instanceof ApiFailure && kinds.includes(error.kind);
