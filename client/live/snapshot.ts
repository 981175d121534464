import type { Subscription, SubscriptionPage, SubscriptionQuery } from "../../core/contract/subscriptions.ts";
import type { Snapshot } from "../../core/domain/subscriptions/replica.ts";

export type FetchList = (query: SubscriptionQuery, signal: AbortSignal) => Promise<SubscriptionPage>;

const pageSize = 1000;

/** Fetches all pages of the list. @throws what `fetchList` throws, or an Error when the history changed between pages */
export async function fetchSnapshot(fetchList: FetchList, signal: AbortSignal): Promise<Snapshot> {
  const items: Subscription[] = [];
  let page = await fetchList({ limit: pageSize }, signal);
  const { epoch, revision } = page;
  for (;;) {
    if (page.epoch !== epoch || !("items" in page)) throw new Error("The list changed while it was read");
    items.push(...page.items);
    if (page.nextCursor === undefined) return { epoch, revision, items };
    page = await fetchList({ limit: pageSize, cursor: page.nextCursor }, signal);
  }
}
