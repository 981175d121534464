import {
  maxTagLength,
  type PatchSubscriptionInput,
  type PutSubscriptionInput,
  type Subscription,
} from "../../contract/subscriptions.ts";
import { requireText } from "../shared/text.ts";

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
  tags: cleanTags(tags),
  pinned,
  subscribedAt: current?.subscribedAt ?? now.toISOString(),
});

/** Only what is named changes; `rating: null` takes the rating away. */
export function patched(
  { revision: _, rating: oldRating, ...rest }: Subscription,
  { rating = oldRating ?? null, tags, pinned = rest.pinned }: PatchSubscriptionInput,
): Draft {
  return {
    ...rest,
    ...(rating !== null && { rating }),
    tags: tags === undefined ? rest.tags : cleanTags(tags),
    pinned,
  };
}

/** Two that are the same once they are composed and trimmed are one. */
const cleanTags = (tags: readonly string[]): string[] => [
  ...new Set(tags.map((tag, index) => requireText(`body/tags/${index}`, tag, maxTagLength))),
];

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
