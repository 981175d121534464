import { backoff } from "../../core/aws/backoff.ts";
import type { Database } from "../../core/aws/clients.ts";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { connectionsApiFor, readGateway } from "../../core/aws/live-config.ts";
import { createLeases } from "../../core/domain/live/cluster/leases.ts";
import { createRegistry } from "../../core/domain/live/cluster/registry.ts";
import { createPushDispatcher } from "../../core/domain/live/push/dispatcher.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import { elapsedMs } from "./elapsed.ts";
import { jsonLog } from "./json-log.ts";

/** Rows of live connections, the registry of the endpoints that hold them, and the dispatcher that sends to those. */
export function connectionsDeps(env: Environment, database: Database) {
  const gateway = readGateway(env);
  return {
    connections: createConnectionStore(database, systemClock),
    registry: createRegistry({
      endpoints: createEndpointStore(database),
      elapsedMs,
      leases: createLeases({ clock: systemClock, elapsedMs }),
      fixed: gateway ? [gateway] : [],
    }),
    dispatcher: createPushDispatcher({
      api: connectionsApiFor(env),
      elapsedMs,
      log: jsonLog,
      pause: backoff,
    }),
    clock: systemClock,
    log: jsonLog,
  };
}
