import type { OpsDeps } from "../core/domain/ops/deps.ts";
import { endConnection } from "../core/domain/ops/end-connection.ts";
import { listConnections } from "../core/domain/ops/list-connections.ts";
import { getOpsSummary } from "../core/domain/ops/summary.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export const createOpsHandler = restHandler<"ops", HttpDeps & OpsDeps>("ops", {
  getOpsSummary,
  listConnections,
  endConnection,
});
