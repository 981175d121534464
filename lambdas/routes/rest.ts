import { authRoutes } from "./auth.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { coverRoutes } from "./covers.ts";
import { docsRoutes } from "./docs.ts";
import { liveRoutes } from "./live.ts";
import { opsRoutes } from "./ops.ts";
import type { Area } from "./route.ts";
import { subscriptionRoutes } from "./subscriptions.ts";
import { uploadRoutes } from "./uploads.ts";

/** Every REST operation of Encore. */
export const restRoutes = [
  ...authRoutes,
  ...catalogueRoutes,
  ...uploadRoutes,
  ...coverRoutes,
  ...subscriptionRoutes,
  ...liveRoutes,
  ...opsRoutes,
  ...docsRoutes,
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
