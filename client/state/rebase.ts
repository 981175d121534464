import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import type { Pending } from "./changes.ts";

/** The server's store went back since the user made the change: its revisions count in another history now. */
export const isOfOtherHistory = ({ asOf }: Pending, { epoch }: Replica): boolean =>
  asOf !== null && asOf.epoch !== epoch;

/**
 * The change as one of the present history, so that what the user wished for is not lost with what the server lost. Where
 * the song went back to what it was before the user saw it, the change builds on that. Up to where the store went back
 * both histories are the same: a song that is newer than what the user saw was changed since, by another device or by
 * an earlier try of this change, and the server tells which.
 */
export function rebase(change: Pending, { epoch, revision, subscriptions }: Replica): Pending {
  if (epoch === null || revision === null) return change;
  const asOf = { epoch, revision };
  const { base } = change;
  if (typeof base === "object" && base !== null) return { ...change, asOf };
  const now = subscriptions.get(change.songId)?.revision ?? null;
  const wentBack = now === null || now <= (base ?? change.asOf?.revision ?? 0);
  return { ...change, asOf, base: wentBack ? now : base };
}
