import * as Type from "typebox";
import * as ops from "../../core/contract/ops.ts";
import { noContent } from "./common.ts";
import type { Route } from "./route.ts";

export const opsOperations = [
  {
    area: "ops",
    operation: "getOpsSummary",
    method: "GET",
    path: "/api/ops/summary",
    summary: "Connections and endpoints at a glance",
    access: "ops",
    success: { status: 200, schema: ops.OpsSummary },
  },
  {
    area: "ops",
    operation: "listConnections",
    method: "GET",
    path: "/api/ops/connections",
    summary: "Every live connection and streaming device",
    access: "ops",
    query: ops.ConnectionQuery,
    success: { status: 200, schema: ops.ConnectionPage },
    problems: ["invalid-cursor"],
  },
  {
    area: "ops",
    operation: "endConnection",
    method: "DELETE",
    path: "/api/ops/connections/{connectionId}",
    summary: "End a connection and its session",
    access: "ops",
    params: Type.Object({ connectionId: Type.String({ minLength: 1, maxLength: 128 }) }),
    success: noContent,
    problems: ["not-found"],
  },
] as const satisfies readonly Route[];
