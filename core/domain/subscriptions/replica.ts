import type { Changes } from "../../contract/live.ts";
import type { Change, Subscription, SubscriptionResult } from "../../contract/subscriptions.ts";

/**
 * What one device knows of its user's subscriptions. Runs in the browser: pure, and plain data that can be
 * structured-cloned.
 *
 * `revision` says: of every song, the device has the state that it had there or a later one. It is null before
 * the first snapshot. Maps, because a song's id may be any word, `__proto__` too.
 */
export type Replica = {
  readonly epoch: string | null;
  readonly revision: number | null;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  /** Revisions of removals that lie above `revision` (rows are read after the head, so they may be newer). */
  readonly removed: ReadonlyMap<string, number>;
};

/** The whole list as of `revision`: the items of all pages, which carry the same epoch and revision. */
export type Snapshot = {
  readonly epoch: string;
  readonly revision: number;
  readonly items: readonly Subscription[];
};

/** `gap`: something between is missing, or there is no list yet; ask again (`hello` with what the replica has). */
export type Outcome = "applied" | "ignored" | "gap";

export const emptyReplica: Replica = {
  epoch: null,
  revision: null,
  subscriptions: new Map(),
  removed: new Map(),
};

/**
 * Applies a `changes` message, or all pages of `GET /api/subscriptions?since=` taken together as
 * `{ from: since, to: revision, changes }`. It applies where `from` ≤ what the device has < `to`.
 */
export function applyChanges(
  replica: Replica,
  message: Pick<Changes, "from" | "to"> & { readonly changes: readonly Change[] },
): { replica: Replica; outcome: Outcome } {
  const { revision } = replica;
  if (revision === null || message.from > revision) return { replica, outcome: "gap" };
  if (message.to <= revision) return { replica, outcome: "ignored" };
  return { replica: advance(merge(replica, message.changes), message.to), outcome: "applied" };
}

/**
 * Takes a list fetched whole. One that is not newer than what the device has is ignored, so that nothing goes
 * back; songs of which the device knows something newer than the list keep it.
 */
export function applySnapshot(replica: Replica, snapshot: Snapshot): { replica: Replica; outcome: Outcome } {
  const { epoch, revision } = snapshot;
  const sameHistory = replica.epoch === epoch;
  if (sameHistory && replica.revision !== null && replica.revision >= revision)
    return { replica, outcome: "ignored" };
  const listed = { epoch, revision: null, removed: new Map(), subscriptions: bySong(snapshot.items) };
  const newer = sameHistory ? changesAbove(replica, revision) : [];
  return { replica: advance(merge(listed, newer), revision), outcome: "applied" };
}

/**
 * Takes the answer to a change of one song that this device made. It says nothing of other songs, so the
 * device's revision stays where it is until the push of the change arrives.
 */
export function applyResult(
  replica: Replica,
  songId: string,
  { epoch, revision, subscription }: SubscriptionResult,
): { replica: Replica; outcome: Outcome } {
  if (replica.revision === null || replica.epoch !== epoch) return { replica, outcome: "gap" };
  const change: Change = subscription
    ? { op: "put", songId, revision: subscription.revision, subscription }
    : { op: "delete", songId, revision };
  if (change.revision <= known(replica, songId)) return { replica, outcome: "ignored" };
  return { replica: merge(replica, [change]), outcome: "applied" };
}

/** The newest revision of a song that is in the replica already: a change not above it tells nothing new. */
const known = ({ revision, subscriptions, removed }: Replica, songId: string): number =>
  Math.max(revision ?? 0, subscriptions.get(songId)?.revision ?? 0, removed.get(songId) ?? 0);

function merge(replica: Replica, changes: readonly Change[]): Replica {
  const subscriptions = new Map(replica.subscriptions);
  const removed = new Map(replica.removed);
  const merged = { ...replica, subscriptions, removed };
  for (const { op, songId, revision, subscription } of changes) {
    if (revision <= known(merged, songId)) continue;
    if (op === "put" && subscription) {
      subscriptions.set(songId, subscription);
      removed.delete(songId);
    } else {
      subscriptions.delete(songId);
      removed.set(songId, revision);
    }
  }
  return merged;
}

/** Removals at or below the revision need no note of their own any more. */
const advance = (replica: Replica, revision: number): Replica => ({
  ...replica,
  revision,
  removed: new Map([...replica.removed].filter(([, at]) => at > revision)),
});

const bySong = (items: readonly Subscription[]): Map<string, Subscription> =>
  new Map(items.map((item) => [item.songId, item]));

const changesAbove = ({ subscriptions, removed }: Replica, floor: number): Change[] => [
  ...[...subscriptions.values()]
    .filter(({ revision }) => revision > floor)
    .map(
      (subscription): Change => ({
        op: "put",
        songId: subscription.songId,
        revision: subscription.revision,
        subscription,
      }),
    ),
  ...[...removed]
    .filter(([, revision]) => revision > floor)
    .map(([songId, revision]): Change => ({ op: "delete", songId, revision })),
];
