import { endpointsOf } from "../../entitlement/slots-row.ts";
import type { Clock, Log } from "../../ports.ts";
import type { ConnectionRow, ConnectionStore, Endpoint, UserConnections } from "../cluster/ports.ts";
import type { Registry } from "../cluster/registry.ts";
import type { PushDispatcher } from "./dispatcher.ts";
import { fanOut } from "./fan-out.ts";
import type { DeliveryResult, PushBatch } from "./ports.ts";
import type { UserEvent } from "./push-event.ts";
import { waitAtMost } from "./wait-at-most.ts";

export type PushToUserDeps = {
  readonly connections: Pick<ConnectionStore, "ofUser" | "deleteUnchanged">;
  readonly registry: Pick<Registry, "resolve">;
  readonly dispatcher: PushDispatcher;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Pushes one user's events: reads the user's connections, resolves their endpoints, fans out, dispatches, and deletes the
 * rows of connections that are gone.
 * @throws what reading connections or endpoints throws; a failed delivery is only logged
 */
export async function pushToUser(
  deps: PushToUserDeps,
  userId: string,
  events: readonly UserEvent[],
  timeoutMs: number,
): Promise<void> {
  const found = await deps.connections.ofUser(userId);
  const endpoints = await resolveEndpoints(deps.registry, found, events);
  const isAlive = ({ endpointId }: ConnectionRow): boolean => endpoints.has(endpointId);
  const connections = found.connections.filter(isAlive);
  const orphans = found.connections.filter((row) => !isAlive(row));
  const batches = fanOut(events, { ...found, connections });
  const deliveries = [...batches].flatMap(([endpointId, batch]) => {
    const endpoint = endpoints.get(endpointId);
    return endpoint ? [deliver(deps, endpoint, batch, connections)] : [];
  });
  const deletions = orphans.map((row) => deps.connections.deleteUnchanged(row));
  await waitAtMost(timeoutMs, deps.log, [...deliveries, ...deletions]);
}

/** Endpoints that are alive, by id. */
async function resolveEndpoints(
  registry: Pick<Registry, "resolve">,
  { connections, slots }: UserConnections,
  events: readonly UserEvent[],
): Promise<ReadonlyMap<string, Endpoint>> {
  const ids = new Set([
    ...connections.map(({ endpointId }) => endpointId),
    ...[...slots.values()].flatMap(endpointsOf),
    // A slot that was revoked is in the user's row no more.
    ...events.flatMap((event) => (event.kind === "places-revoked" ? event.endpointIds : [])),
  ]);
  const found = await Promise.all([...ids].map((id) => registry.resolve(id)));
  return new Map(found.flatMap((endpoint) => (endpoint ? [[endpoint.endpointId, endpoint]] : [])));
}

async function deliver(
  { dispatcher, connections, clock }: PushToUserDeps,
  endpoint: Endpoint,
  batch: PushBatch,
  rows: readonly ConnectionRow[],
): Promise<void> {
  const result = await dispatcher.dispatch(endpoint, batch);
  const gone = goneRows(result, rows, clock.now());
  await Promise.all(gone.map((row) => connections.deleteUnchanged(row)));
}

/** How long API Gateway may answer 410 for a connection whose `$connect` has not returned, in milliseconds. */
const establishingMs = 60_000;

/** A connection that said `hello` is established: `hello` comes after `$connect` has returned. */
function goneRows(
  result: DeliveryResult | undefined,
  rows: readonly ConnectionRow[],
  now: Date,
): readonly ConnectionRow[] {
  const gone = new Set(result?.gone);
  return rows.filter(
    ({ connectionId, device, since }) =>
      gone.has(connectionId) && (device !== undefined || Date.parse(since) + establishingMs < now.getTime()),
  );
}
