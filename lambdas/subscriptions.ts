import { listSubscriptions } from "../core/domain/subscriptions/list.ts";
import type { SubscriptionDeps } from "../core/domain/subscriptions/ports.ts";
import {
  deleteSubscription,
  patchSubscription,
  putSubscription,
} from "../core/domain/subscriptions/write.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export const createSubscriptionsHandler = restHandler<"subscriptions", HttpDeps & SubscriptionDeps>(
  "subscriptions",
  { listSubscriptions, putSubscription, patchSubscription, deleteSubscription },
);
