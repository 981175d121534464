import type { Clock } from "../ports.ts";
import { emptyHead } from "./open-head.ts";
import type { SubscriptionStore } from "./ports.ts";

export type CloseDeps = {
  readonly subscriptions: Pick<SubscriptionStore, "close" | "deleteRows">;
  /** A new ULID. */
  readonly newId: () => string;
  readonly clock: Clock;
};

const dayMs = 86_400_000;

/**
 * Closes a user's subscriptions for good and deletes their rows. A writer that had passed the head just before
 * may write its row meanwhile, hence the second sweep. The closed head stays a day, so that no late writer
 * finds an open account. May be repeated.
 */
export async function closeAccount(
  { subscriptions, newId, clock }: CloseDeps,
  userId: string,
): Promise<void> {
  const expiresAt = new Date(clock.now().getTime() + dayMs);
  await subscriptions.close(emptyHead(userId, newId()), expiresAt);
  await subscriptions.deleteRows(userId);
  await subscriptions.deleteRows(userId);
}
