import { subscriptionsDeps } from "../deps/subscriptions.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createSubscriptionsHandler } from "../subscriptions.ts";

export const handler = onFirstCall(createSubscriptionsHandler, subscriptionsDeps);
