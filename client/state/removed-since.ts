import type { SubscriptionResult } from "../../core/contract/subscriptions.ts";
import type { FetchList } from "../live/snapshot.ts";
import type { Pending } from "./changes.ts";

const pageSize = 1000;

/**
 * A creation that may have been made already must not be made again when another device has removed it since: the
 * server knows only a user's latest names of changes, and "only where there is nothing" holds after a removal too.
 *
 * @returns the removal as the answer to the creation, where there was one
 * @throws what `fetchList` throws
 */
export async function removedSince(
  fetchList: FetchList,
  { base, asOf, songId }: Pending,
  signal: AbortSignal,
): Promise<SubscriptionResult | undefined> {
  if (base !== null || asOf === null) return undefined;
  const { epoch, revision: since } = asOf;
  let page = await fetchList({ since, epoch, limit: pageSize }, signal);
  while ("changes" in page) {
    const change = page.changes.find((one) => one.songId === songId);
    if (change)
      return change.op === "delete" ? { epoch, revision: change.revision, subscription: null } : undefined;
    if (page.nextCursor === undefined) return undefined;
    page = await fetchList({ limit: pageSize, cursor: page.nextCursor }, signal);
  }
  return undefined;
}
