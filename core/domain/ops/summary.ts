import type { Connection, OpsSummary } from "../../contract/ops.ts";
import { aliveEndpointIds } from "../live/cluster/leases.ts";
import type { ScanPosition } from "../live/cluster/ports.ts";
import type { OpsDeps } from "./deps.ts";
import { ofPage } from "./list-connections.ts";

type SummaryDeps = Pick<OpsDeps, "connections" | "registry" | "clock">;

/** Counts every connection; those of dead endpoints only under their endpoint, until they are swept. */
export async function getOpsSummary(deps: SummaryDeps): Promise<OpsSummary> {
  const now = deps.clock.now();
  const endpoints = await deps.registry.list();
  const alive = aliveEndpointIds(endpoints, deps.registry);
  const perEndpoint = new Map<string, number>();
  const users = new Set<string>();
  const connections = { live: 0, stream: 0 };
  for await (const { kind, userId, endpointId } of allConnections(deps)) {
    perEndpoint.set(endpointId, (perEndpoint.get(endpointId) ?? 0) + 1);
    if (!alive.has(endpointId)) continue;
    connections[kind]++;
    users.add(userId);
  }
  return {
    connections,
    users: users.size,
    endpoints: endpoints.map(({ endpointId, kind }) => ({
      endpointId,
      kind,
      alive: alive.has(endpointId),
      connections: perEndpoint.get(endpointId) ?? 0,
    })),
    at: now.toISOString(),
  };
}

async function* allConnections({ connections }: SummaryDeps): AsyncGenerator<Connection> {
  let position: ScanPosition | undefined;
  do {
    const page = await connections.scan(1_000, position);
    yield* ofPage(page);
    position = page.next;
  } while (position);
}
