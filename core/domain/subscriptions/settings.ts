import type {
  PatchSubscriptionInput,
  PutSubscriptionInput,
  Subscription,
} from "../../contract/subscriptions.ts";

/** A subscription before it has a revision. */
export type Draft = Omit<Subscription, "revision">;

/** All settings anew; what is left out gets its default. */
export const replaced = (
  current: Subscription | undefined,
  songId: string,
  { rating, tags = [], pinned = false }: PutSubscriptionInput,
  now: Date,
): Draft => ({
  songId,
  ...(rating !== undefined && { rating }),
  tags,
  pinned,
  subscribedAt: current?.subscribedAt ?? now.toISOString(),
});

/** Only what is named changes; `rating: null` takes the rating away. */
export function patched(
  { revision: _, rating: oldRating, ...rest }: Subscription,
  { rating = oldRating ?? null, tags = rest.tags, pinned = rest.pinned }: PatchSubscriptionInput,
): Draft {
  return { ...rest, ...(rating !== null && { rating }), tags, pinned };
}

/** Whether nothing would change (the order of tags counts). */
export function isSame(a: Draft | undefined, b: Draft | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.rating === b.rating &&
    a.pinned === b.pinned &&
    a.tags.length === b.tags.length &&
    a.tags.every((tag, index) => tag === b.tags[index])
  );
}
