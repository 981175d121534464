import type { Entitlements, Plan, PlanName } from "../contract/accounts.ts";
import type { Tier } from "../contract/catalogue.ts";

/** The plans, cheapest first. */
export const plans: readonly Plan[] = [
  { name: "free", title: "Free", entitlements: { fullSongs: "free", subscriptions: 25, devices: 1 } },
  { name: "plus", title: "Plus", entitlements: { fullSongs: "all", subscriptions: 1_000, devices: 3 } },
  { name: "hifi", title: "HiFi", entitlements: { fullSongs: "all", subscriptions: 10_000, devices: 6 } },
];

export function entitlementsOf(plan: PlanName): Entitlements {
  const found = plans.find(({ name }) => name === plan);
  if (!found) throw new Error(`No plan is named ${plan}`);
  return found.entitlements;
}

/** Whether a plan hears a song of this tier whole; otherwise it hears the preview. */
export const hearsWhole = (plan: PlanName, tier: Tier): boolean =>
  tier === "free" || entitlementsOf(plan).fullSongs === "all";

/** The cheapest plan that satisfies a condition, to be named in a refusal. */
export const cheapestPlan = (allows: (entitlements: Entitlements) => boolean): PlanName | undefined =>
  plans.find(({ entitlements }) => allows(entitlements))?.name;
