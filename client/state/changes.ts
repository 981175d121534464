import type {
  PatchSubscriptionInput,
  PutSubscriptionInput,
  Subscription,
} from "../../core/contract/subscriptions.ts";

/** A change that this device made and that is not known to be committed yet. */
export type Pending = { readonly changeId: string; readonly songId: string } & (
  | { readonly op: "put"; readonly input: PutSubscriptionInput; readonly at: string }
  | { readonly op: "patch"; readonly input: PatchSubscriptionInput }
  | { readonly op: "delete" }
);

export type Subscriptions = ReadonlyMap<string, Subscription>;

/** What the user sees: what is committed, with their own pending changes laid over in their order. */
export function overlay(committed: Subscriptions, pending: readonly Pending[]): Subscriptions {
  if (pending.length === 0) return committed;
  const seen = new Map(committed);
  for (const change of pending) {
    const next = after(seen.get(change.songId), change);
    if (next) seen.set(change.songId, next);
    else seen.delete(change.songId);
  }
  return seen;
}

function after(before: Subscription | undefined, change: Pending): Subscription | undefined {
  if (change.op === "delete") return undefined;
  if (change.op === "put") return put(before, change);
  if (!before) return undefined;
  const { rating, ...input } = change.input;
  const { rating: old, ...rest } = before;
  const rated = rating === null ? undefined : (rating ?? old);
  return { ...rest, ...input, ...(rated === undefined ? {} : { rating: rated }) };
}

const put = (
  before: Subscription | undefined,
  { songId, input, at }: Extract<Pending, { op: "put" }>,
): Subscription => ({
  songId,
  tags: [],
  pinned: false,
  subscribedAt: before?.subscribedAt ?? at,
  revision: before?.revision ?? 0,
  ...input,
});
