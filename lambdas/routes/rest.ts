import { authOperations } from "./auth.ts";
import { catalogueOperations } from "./catalogue.ts";
import { coverOperations } from "./covers.ts";
import { docsOperations } from "./docs.ts";
import { liveOperations } from "./live.ts";
import { opsOperations } from "./ops.ts";
import type { Area } from "./route.ts";
import { subscriptionOperations } from "./subscriptions.ts";
import { uploadOperations } from "./uploads.ts";

/** Every REST operation of Encore. */
export const restRoutes = [
  ...authOperations,
  ...catalogueOperations,
  ...uploadOperations,
  ...coverOperations,
  ...subscriptionOperations,
  ...liveOperations,
  ...opsOperations,
  ...docsOperations,
] as const;

const patterns = restRoutes.map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The methods by which there is an operation at a path. */
export const methodsAt = (path: string): string[] =>
  patterns.flatMap(({ method, pattern }) => (pattern.test(path) ? [method] : []));

/** What no other route takes: answered by the functions' own problem document rather than by the gateway's words. */
export const restFallback = { area: "docs", method: "ANY", path: "/api/{proxy+}" } as const;

type RestRoute = (typeof restRoutes)[number];

export type RoutesOf<A extends Area> = Extract<RestRoute, { area: A }>;
