import { DomainError } from "../errors.ts";
import type { Head } from "./head.ts";
import type { SubscriptionReaderDeps } from "./ports.ts";

export const emptyHead = (userId: string, epoch: string): Head => ({
  userId,
  epoch,
  headRevision: 0,
  count: 0,
  changeIds: [],
});

/**
 * The user's head as it is now. A user without one gets it here, so that even an empty list has an epoch.
 * @throws DomainError `account-closed`
 */
export async function openHead(deps: SubscriptionReaderDeps, userId: string): Promise<Head> {
  const head =
    (await deps.subscriptions.head(userId)) ??
    (await deps.subscriptions.createHead(emptyHead(userId, deps.newId())));
  if (head.closed) throw new DomainError("account-closed");
  return head;
}
