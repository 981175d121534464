import type { Head } from "./head.ts";
import { openHead } from "./open-head.ts";
import type { SubscriptionReaderDeps } from "./ports.ts";

/** What a device says that it was told: a revision, and the epoch it counts in. */
export type Told = {
  readonly epoch?: string | null | undefined;
  readonly since?: number | null | undefined;
};

/**
 * So often a device's word renews an epoch with no change between. A store that went back lost at least one change, so
 * an honest device needs one; who asks in bad faith gets their own list anew, and no write for each question.
 */
export const maxRenewals = 8;
const maxAttempts = 3;

/**
 * A device that was told a later revision than the head has, in the head's own epoch, proves that the store went back:
 * to a copy, or by lost writes. From then on the same revisions mean other changes, so the head gets a new epoch, and
 * every device of the user fetches the list. The write is conditional, as a change is: a head that has gone on
 * meanwhile is looked at again.
 *
 * @param head as read after the device spoke
 * @returns the head as it is afterwards
 * @throws DomainError `account-closed`
 */
export async function renewIfProven(deps: SubscriptionReaderDeps, head: Head, told: Told): Promise<Head> {
  let current = head;
  for (let attempt = 1; attempt <= maxAttempts && provesRollback(current, told); attempt++) {
    const renewed = { ...current, epoch: deps.newId(), renewals: (current.renewals ?? 0) + 1 };
    if (await deps.subscriptions.renew(renewed, current.epoch)) return renewed;
    current = await openHead(deps, head.userId);
  }
  return current;
}

const provesRollback = ({ epoch, headRevision, renewals = 0 }: Head, told: Told): boolean =>
  told.epoch === epoch && (told.since ?? 0) > headRevision && renewals < maxRenewals;
