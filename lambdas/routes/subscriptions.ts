import type { ProblemKind } from "../../core/contract/problem.ts";
import * as subscriptions from "../../core/contract/subscriptions.ts";
import { songParams } from "./common.ts";
import type { Route } from "./route.ts";

const subscriptionProblems = [
  "not-found",
  "precondition-failed",
  "subscription-limit",
  "account-closed",
] as const satisfies readonly ProblemKind[];

export const subscriptionOperations = [
  {
    area: "subscriptions",
    operation: "listSubscriptions",
    method: "GET",
    path: "/api/subscriptions",
    summary: "The subscriptions, or what changed since a revision",
    access: "signed-in",
    query: subscriptions.SubscriptionQuery,
    success: { status: 200, schema: subscriptions.SubscriptionPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "subscriptions",
    operation: "putSubscription",
    method: "PUT",
    path: "/api/subscriptions/{songId}",
    summary: "Subscribe to a song, or set all of a subscription",
    access: "signed-in",
    params: songParams,
    body: subscriptions.PutSubscriptionInput,
    bodyOptional: true,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
  {
    area: "subscriptions",
    operation: "patchSubscription",
    method: "PATCH",
    path: "/api/subscriptions/{songId}",
    summary: "Change a subscription",
    access: "signed-in",
    params: songParams,
    body: subscriptions.PatchSubscriptionInput,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
  {
    area: "subscriptions",
    operation: "deleteSubscription",
    method: "DELETE",
    path: "/api/subscriptions/{songId}",
    summary: "Unsubscribe from a song",
    access: "signed-in",
    params: songParams,
    conditional: true,
    success: { status: 200, schema: subscriptions.SubscriptionResult },
    problems: subscriptionProblems,
  },
] as const satisfies readonly Route[];
