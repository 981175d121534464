import { createAuditLog } from "../../core/aws/audit-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import type { OpsDeps } from "../../core/domain/ops/deps.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { HttpDeps } from "../http/handler.ts";
import { connectionsDeps } from "./connections.ts";
import { httpDeps } from "./http.ts";
import { databaseFor } from "./stores.ts";

export function opsDeps(env: Environment): HttpDeps & OpsDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    ...connectionsDeps(env, database),
    sessions: createSessionStore(database),
    audit: createAuditLog(database, systemClock),
  };
}
