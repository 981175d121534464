import { onFirstCall, subscriptionsDeps } from "../deps.ts";
import { createSubscriptionsHandler } from "../subscriptions.ts";

export const handler = onFirstCall(createSubscriptionsHandler, subscriptionsDeps);
