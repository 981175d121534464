import type { Change, Subscription } from "../contract/subscriptions.ts";
import { type Head, headSortKey } from "../domain/subscriptions/head.ts";

export const headKey = (userId: string) => ({ userId, sk: headSortKey });

/** The rows of one user in the table `subscription` that are songs: their sort keys begin so. */
export const songPrefix = "song#";
export const songKey = (userId: string, songId: string) => ({ userId, sk: `${songPrefix}${songId}` });

/** A removal leaves a tombstone, without `songId`, which keeps it out of the index `bySong`. */
export const toSongRow = (userId: string, change: Change): Record<string, unknown> => ({
  ...songKey(userId, change.songId),
  revision: change.revision,
  ...(change.subscription ?? { removed: true }),
});

export function toChange({ userId: _, sk, revision, removed, ...rest }: Record<string, unknown>): Change {
  const position = { revision: Number(revision), songId: String(sk).slice(songPrefix.length) };
  if (removed) return { op: "delete", ...position };
  return {
    op: "put",
    ...position,
    subscription: { ...(rest as Omit<Subscription, "revision">), ...position },
  };
}

export const toHead = ({ sk: _, ...head }: Record<string, unknown>): Head => head as Head;
