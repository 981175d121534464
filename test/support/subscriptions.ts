import { ulid } from "ulid";
import { backoff } from "../../core/aws/backoff.ts";
import { createDatabase, type Database } from "../../core/aws/clients.ts";
import { createSubscriptionStore } from "../../core/aws/subscription-store.ts";
import type { PlanName } from "../../core/contract/accounts.ts";
import type { Subscription } from "../../core/contract/subscriptions.ts";
import type { Actor } from "../../core/domain/actor.ts";
import { listSubscriptions } from "../../core/domain/subscriptions/list.ts";
import type { SubscriptionDeps, SubscriptionStore } from "../../core/domain/subscriptions/ports.ts";
import type { TestAws } from "./engines.ts";

export const databaseOf = ({ tablePrefix, dynamodbEndpoint, region, credentials }: TestAws): Database =>
  createDatabase(tablePrefix, { endpoint: dynamodbEndpoint, region, credentials });

export const newActor = (): Actor => {
  const userId = ulid();
  return { userId, sessionId: ulid(), email: `${userId.toLowerCase()}@example.com`, role: "listener" };
};

export type TestDeps = SubscriptionDeps & {
  /** What the account that asks has; tests change it. */
  plan: PlanName;
  /** Songs that are not in the library; all others are. */
  readonly unknownSongs: Set<string>;
};

/** The use cases' dependencies: subscriptions on the real engine, account and library as the test says. */
export function subscriptionDeps(
  database: Database,
  wrap: (store: SubscriptionStore) => SubscriptionStore = (store) => store,
): TestDeps {
  const unknownSongs = new Set<string>();
  const deps: TestDeps = {
    plan: "hifi",
    unknownSongs,
    subscriptions: wrap(createSubscriptionStore(database)),
    accounts: { get: async (email) => ({ userId: userIdOf(email), plan: deps.plan }) },
    songs: { get: async (songId) => (unknownSongs.has(songId) ? undefined : { songId }) },
    clock: { now: () => new Date("2026-03-04T05:06:07.000Z") },
    newId: () => ulid(),
    backoff,
  };
  return deps;
}

const userIdOf = (email: string): string => (email.split("@")[0] ?? "").toUpperCase();

/** The whole list through its pages. */
export async function wholeList(deps: SubscriptionDeps, actor: Actor, limit = 200) {
  const items: Subscription[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await listSubscriptions(deps, actor, { limit, ...(cursor !== undefined && { cursor }) });
    if (!("items" in page)) throw new Error("A list was asked for");
    items.push(...page.items);
    cursor = page.nextCursor;
    if (cursor === undefined) return { epoch: page.epoch, revision: page.revision, items };
  }
}
