import type { PatchSubscriptionInput, PutSubscriptionInput } from "../../core/contract/subscriptions.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import { changeIdAfter } from "./change-id.ts";
import type { ChangeQueue } from "./change-queue.ts";
import { overlay, type Pending, type Subscriptions } from "./changes.ts";
import { createStore, type Readable } from "./store.ts";

/** What a user can do to one subscription. */
export type SubscriptionEdit =
  | { op: "put"; songId: string; input: PutSubscriptionInput }
  | { op: "patch"; songId: string; input: PatchSubscriptionInput }
  | { op: "delete"; songId: string };

export type OptimisticSubscriptions = {
  /** Undefined until the list is known. */
  readonly all: Readable<Subscriptions | undefined>;
  /** Shows at once, and puts into the queue. */
  change(change: SubscriptionEdit): void;
  stop(): void;
};

/**
 * The user's subscriptions: the live replica with the browser's own changes laid over it until they are committed.
 *
 * @param serverNow the server's time (milliseconds since 1970), where it is known
 */
export function createOptimisticSubscriptions(deps: {
  queue: ChangeQueue;
  replica: Readable<Replica>;
  serverNow: () => number | undefined;
  newId: () => string;
}): OptimisticSubscriptions {
  const { replica } = deps;
  const { pending } = deps.queue;
  const seen = () =>
    replica.get().revision === null ? undefined : overlay(replica.get().subscriptions, pending.get());
  const all = createStore<Subscriptions | undefined>(seen());
  const show = () => all.set(seen());
  const unsubscribes = [replica.subscribe(show), pending.subscribe(show)];

  return {
    all,
    change(change) {
      const earlier = pending.get();
      const now = deps.serverNow() ?? newest(all.get()) + 1;
      const named = {
        changeId: changeIdAfter(earlier.at(-1)?.changeId, now, deps.newId()),
        at: new Date(now).toISOString(),
        ...foundation(change.songId, replica.get(), earlier),
        tried: false,
      };
      deps.queue.add({ ...change, ...named });
    },
    stop() {
      for (const undo of unsubscribes) undo();
    },
  };
}

/** When the last of them was subscribed to (milliseconds since 1970), so that what follows can be put after it. */
const newest = (subscriptions: Subscriptions = new Map()): number =>
  [...subscriptions.values()].reduce((last, { subscribedAt }) => Math.max(last, Date.parse(subscribedAt)), 0);

/** What the user saw of the song when they changed it, and as of when. */
function foundation(
  songId: string,
  { epoch, revision, subscriptions, removed }: Replica,
  earlier: readonly Pending[],
): Pick<Pending, "base" | "asOf"> {
  const before = earlier.findLast((change) => change.songId === songId);
  const known = Math.max(revision ?? 0, removed.get(songId) ?? 0);
  return {
    base: before ? { after: before.changeId } : (subscriptions.get(songId)?.revision ?? null),
    asOf: epoch === null || revision === null ? null : { epoch, revision: known },
  };
}
