import { ulid } from "ulid";
import { createAccountStore } from "../../core/aws/account-store.ts";
import { backoff } from "../../core/aws/backoff.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { createSubscriptionStore } from "../../core/aws/subscription-store.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { SubscriptionDeps } from "../../core/domain/subscriptions/ports.ts";
import type { HttpDeps } from "../http/handler.ts";
import { httpDeps } from "./http.ts";
import { databaseFor } from "./stores.ts";

export function subscriptionsDeps(env: Environment): HttpDeps & SubscriptionDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    subscriptions: createSubscriptionStore(database),
    accounts: createAccountStore(database),
    songs: createSongStore(database),
    clock: systemClock,
    newId: () => ulid(),
    backoff,
  };
}
