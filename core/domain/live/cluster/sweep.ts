import type { Leases } from "./leases.ts";
import type { ConnectionRow, ConnectionStore, EndpointStore } from "./ports.ts";

export type EndpointSweepDeps = {
  readonly connections: Pick<ConnectionStore, "ofEndpoint" | "writeMany">;
  readonly endpoints: Pick<EndpointStore, "list" | "delete">;
  readonly leases: Leases;
};

const rowsPerPage = 200;

/**
 * Deletes the rows of dead endpoints' connections. An endpoint's own row goes only when a whole pass found no row of its
 * connections (the index lags behind the table); until then a later sweep comes back to it.
 * @returns the number of rows deleted
 */
export async function sweepDeadEndpoints(deps: EndpointSweepDeps): Promise<number> {
  const dead = (await deps.endpoints.list()).filter((endpoint) => !deps.leases.isAlive(endpoint));
  let deleted = 0;
  for (const { endpointId } of dead) {
    const rows = await sweepRows(deps, endpointId);
    if (rows === 0) await deps.endpoints.delete(endpointId);
    deleted += rows;
  }
  return deleted;
}

/** Deletes every row of one endpoint that the index shows. */
async function sweepRows(
  { connections }: Pick<EndpointSweepDeps, "connections">,
  endpointId: string,
): Promise<number> {
  let deleted = 0;
  let page = await connections.ofEndpoint(endpointId, rowsPerPage);
  for (;;) {
    await connections.writeMany(page.rows.map(toDelete));
    deleted += page.rows.length;
    if (!page.next) return deleted;
    page = await connections.ofEndpoint(endpointId, rowsPerPage, page.next);
  }
}

const toDelete = ({ userId, connectionId }: ConnectionRow) =>
  ({ op: "delete", key: { userId, connectionId } }) as const;
