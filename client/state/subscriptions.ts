import type {
  PatchSubscriptionInput,
  PutSubscriptionInput,
  SubscriptionResult,
} from "../../core/contract/subscriptions.ts";
import { applyResult, type Replica } from "../../core/domain/subscriptions/replica.ts";
import type { Api } from "../api.ts";
import { type Clock, pause } from "../clock.ts";
import { ApiFailure } from "../failure.ts";
import { fullJitter } from "../live/backoff.ts";
import { overlay, type Pending, type Subscriptions } from "./changes.ts";
import { createStore, type Readable, type Store } from "./store.ts";

type Change =
  | { op: "put"; songId: string; input: PutSubscriptionInput }
  | { op: "patch"; songId: string; input: PatchSubscriptionInput }
  | { op: "delete"; songId: string };

export type SubscriptionStore = {
  /** Undefined until the list is known. */
  readonly all: Readable<Subscriptions | undefined>;
  /** Shows at once, sends in order, and takes back what is refused. */
  change(change: Change): void;
  /** The network is back: sends what waits. */
  wake(): void;
  stop(): void;
};

/**
 * The user's subscriptions: the live replica with own changes laid over it until they are committed. Changes are
 * sent one after the other, each under a name of its own, so that a resend after a lost answer changes nothing.
 *
 * @param refused told of a change that the server refused; it has been taken back
 */
export function createSubscriptionStore(deps: {
  api: Pick<Api, "putSubscription" | "patchSubscription" | "deleteSubscription">;
  replica: Store<Replica>;
  clock: Clock;
  random: () => number;
  newId: () => string;
  refused: (change: Pending, error: unknown) => void;
}): SubscriptionStore {
  const { api, replica, clock } = deps;
  const pending = createStore<readonly Pending[]>([]);
  const seen = () =>
    replica.get().revision === null ? undefined : overlay(replica.get().subscriptions, pending.get());
  const all = createStore<Subscriptions | undefined>(seen());
  const stopping = new AbortController();
  let resting: AbortController | undefined;
  let sending = false;

  const show = () => all.set(seen());
  const unsubscribes = [replica.subscribe(show), pending.subscribe(show)];
  const done = ({ changeId }: Pending) =>
    pending.update((list) => list.filter((other) => other.changeId !== changeId));

  function send(change: Pending): Promise<SubscriptionResult> {
    const { songId, changeId } = change;
    if (change.op === "put") return api.putSubscription(songId, change.input, changeId);
    if (change.op === "patch") return api.patchSubscription(songId, change.input, changeId);
    return api.deleteSubscription(songId, changeId);
  }

  async function sendUntilAnswered(change: Pending): Promise<void> {
    for (let failures = 1; !stopping.signal.aborted; failures += 1) {
      try {
        const result = await send(change);
        replica.update((current) => applyResult(current, change.songId, result).replica);
        return;
      } catch (error) {
        if (!mayHelpToRepeat(error, failures)) return deps.refused(change, error);
      }
      resting = new AbortController();
      await pause(
        clock,
        fullJitter(failures, deps.random),
        AbortSignal.any([stopping.signal, resting.signal]),
      );
    }
  }

  async function drain(): Promise<void> {
    if (sending) return;
    sending = true;
    for (let [next] = pending.get(); next && !stopping.signal.aborted; [next] = pending.get()) {
      await sendUntilAnswered(next);
      done(next);
    }
    sending = false;
  }

  return {
    all,
    change(change) {
      const named = { ...change, changeId: deps.newId() };
      const at = new Date(clock.now()).toISOString();
      pending.update((list) => [...list, named.op === "put" ? { ...named, at } : named]);
      void drain();
    },
    wake: () => resting?.abort(),
    stop() {
      stopping.abort();
      for (const undo of unsubscribes) undo();
    },
  };
}

/** A fault of the server's own may be this change's doing: it must not hold up those behind it for ever. */
const patience = 10;

/** No answer, or trouble that passes: as often as it takes. A fault: a few times. A refusal: never. */
function mayHelpToRepeat(error: unknown, failures: number): boolean {
  if (!(error instanceof ApiFailure)) return false;
  if (error.kind === "internal") return failures < patience;
  return ["offline", "unavailable", "too-many-requests", "conflict"].includes(error.kind);
}
