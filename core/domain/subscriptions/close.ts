import type { Clock } from "../ports.ts";
import { emptyHead } from "./open-head.ts";
import type { SubscriptionReaderDeps } from "./ports.ts";

const dayMs = 86_400_000;

/**
 * Closes a user's subscriptions for good and deletes their rows. A writer that had passed the head just before
 * may write its row meanwhile, hence the second sweep. The closed head stays a day, so that no late writer
 * finds an open door. May be repeated.
 */
export async function closeAccount(
  { subscriptions, newId, clock }: SubscriptionReaderDeps & { readonly clock: Clock },
  userId: string,
): Promise<void> {
  const expiresAt = new Date(clock.now().getTime() + dayMs);
  await subscriptions.close(emptyHead(userId, newId()), expiresAt);
  await subscriptions.deleteRows(userId);
  await subscriptions.deleteRows(userId);
}
