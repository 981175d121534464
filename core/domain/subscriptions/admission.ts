import type { AccountStore } from "../accounts/ports.ts";
import type { Actor } from "../actor.ts";
import type { SongStore } from "../catalogue/ports.ts";
import { DomainError } from "../errors.ts";
import { cheapestPlan, entitlementsOf } from "../plans.ts";

/** @throws DomainError `not-found` */
export async function requireSong(songs: Pick<SongStore, "get">, songId: string): Promise<void> {
  if (!(await songs.get(songId))) throw new DomainError("not-found", "There is no such song");
}

/**
 * Whether the plan allows one more subscription than `count`. Those that a dearer plan allowed may stay.
 * @throws DomainError `subscription-limit`, `account-closed`
 */
export async function requireRoom(
  accounts: Pick<AccountStore, "get">,
  actor: Actor,
  count: number,
): Promise<void> {
  const account = await accounts.get(actor.email);
  if (account?.userId !== actor.userId) throw new DomainError("account-closed");
  const limit = entitlementsOf(account.plan).subscriptions;
  if (count < limit) return;
  const requiredPlan = cheapestPlan(({ subscriptions }) => subscriptions > count);
  throw new DomainError("subscription-limit", `The plan ${account.plan} allows ${limit} subscriptions`, {
    ...(requiredPlan !== undefined && { requiredPlan }),
  });
}
