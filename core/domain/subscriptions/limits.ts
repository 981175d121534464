import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { cheapestPlan, entitlementsOf } from "../plans.ts";
import type { PlanLookup, SongLookup } from "./ports.ts";

/** @throws DomainError `not-found` */
export async function requireSong(songs: SongLookup, songId: string): Promise<void> {
  if (!(await songs.get(songId))) throw new DomainError("not-found", "There is no such song");
}

/**
 * Whether the plan allows one more subscription than `count`. Those that a dearer plan allowed may stay.
 * @throws DomainError `subscription-limit`, `account-closed`
 */
export async function requireRoom(accounts: PlanLookup, actor: Actor, count: number): Promise<void> {
  const account = await accounts.get(actor.email);
  if (account?.userId !== actor.userId) throw new DomainError("account-closed");
  const limit = entitlementsOf(account.plan).subscriptions;
  if (count < limit) return;
  const requiredPlan = cheapestPlan(({ subscriptions }) => subscriptions > count);
  throw new DomainError("subscription-limit", `The plan ${account.plan} allows ${limit} subscriptions`, {
    ...(requiredPlan !== undefined && { requiredPlan }),
  });
}
