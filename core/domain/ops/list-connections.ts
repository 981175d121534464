import * as Type from "typebox";
import type { Connection, ConnectionQuery } from "../../contract/ops.ts";
import { sessionsAlive } from "../accounts/authentication.ts";
import type { Actor } from "../actor.ts";
import { aliveEndpointIds } from "../live/cluster/leases.ts";
import type { ScanPosition, UserConnectionsPage } from "../live/cluster/ports.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../shared/cursor.ts";
import type { OpsDeps } from "./deps.ts";
import { connectionsOf } from "./user-connections.ts";

type ListDeps = Pick<OpsDeps, "connections" | "registry" | "sessions" | "clock">;
export type ConnectionList = { items: Connection[]; nextCursor?: string };

/** Rows read at a time. */
const rowsPerRead = 200;
/** Of a row's key: whose parts are never empty, and far shorter than what a key may hold. */
const KeyPart = Type.String({ minLength: 1, maxLength: 256 });
const Position = Type.Object({ userId: KeyPart, connectionId: KeyPart }, { additionalProperties: false });

/**
 * Connections of living endpoints, in no particular order, but none of a session that has ended: its rows go a moment
 * later. Rows are read until the page is full, so it may hold a few more than `limit`.
 * @throws DomainError `invalid-cursor`
 */
export async function listConnections(
  deps: ListDeps,
  _actor: Actor,
  { userId, endpointId, limit = 50, cursor }: ConnectionQuery,
): Promise<ConnectionList> {
  const scope: ListScope = ["connections", userId, endpointId];
  let position: ScanPosition | undefined =
    cursor === undefined ? undefined : decodeCursor(Position, scope, cursor);
  const living = aliveEndpointIds(await deps.registry.list(), deps.registry);
  const isWanted = (connection: Connection): boolean =>
    living.has(connection.endpointId) && (endpointId === undefined || connection.endpointId === endpointId);
  const pick = (found: readonly Connection[]) => ofLivingSessions(deps, found.filter(isWanted));
  if (userId !== undefined)
    return { items: await pick(connectionsOf(userId, await deps.connections.ofUser(userId))) };
  const items: Connection[] = [];
  do {
    const page = await deps.connections.scan(Math.min(limit, rowsPerRead), position);
    items.push(...(await pick(ofPage(page))));
    position = page.next;
  } while (position && items.length < limit);
  return { items, ...(position && { nextCursor: encodeCursor(scope, position) }) };
}

export const ofPage = ({ users }: UserConnectionsPage): Connection[] =>
  [...users].flatMap(([userId, connections]) => connectionsOf(userId, connections));

async function ofLivingSessions(deps: ListDeps, connections: readonly Connection[]): Promise<Connection[]> {
  const ids = new Set(connections.map(({ sessionId }) => sessionId));
  const alive = await sessionsAlive(deps, [...ids]);
  return connections.filter(({ sessionId }) => alive.has(sessionId));
}
