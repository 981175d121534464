import * as Type from "typebox";
import type { Connection, ConnectionQuery } from "../../contract/ops.ts";
import type { Actor } from "../actor.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../cursor.ts";
import type { ReachPage, ScanPosition } from "../live/ports.ts";
import type { OpsDeps } from "./deps.ts";
import { connectionsOf } from "./reach.ts";

type ListDeps = Pick<OpsDeps, "connections" | "registry" | "clock">;
export type ConnectionList = { items: Connection[]; nextCursor?: string };

/** Rows read at a time. */
const rowsPerRead = 200;
/** Of a row's key: whose parts are never empty, and far shorter than what a key may hold. */
const KeyPart = Type.String({ minLength: 1, maxLength: 256 });
const Position = Type.Object({ userId: KeyPart, connectionId: KeyPart }, { additionalProperties: false });

/**
 * Connections of living endpoints, in no particular order. Rows are read until the page is full, so it may hold a few
 * more than `limit`.
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
  const living = await livingEndpoints(deps);
  const wanted = (connection: Connection): boolean =>
    living.has(connection.endpointId) && (endpointId === undefined || connection.endpointId === endpointId);
  if (userId !== undefined) {
    const reach = await deps.connections.reach(userId);
    return { items: connectionsOf(userId, reach).filter(wanted) };
  }
  const items: Connection[] = [];
  do {
    const page = await deps.connections.scan(Math.min(limit, rowsPerRead), position);
    items.push(...ofPage(page).filter(wanted));
    position = page.next;
  } while (position && items.length < limit);
  return { items, ...(position && { nextCursor: encodeCursor(scope, position) }) };
}

export const ofPage = ({ users }: ReachPage): Connection[] =>
  [...users].flatMap(([userId, reach]) => connectionsOf(userId, reach));

async function livingEndpoints({ registry }: ListDeps): Promise<ReadonlySet<string>> {
  const endpoints = await registry.list();
  const alive = endpoints.filter(registry.isAlive);
  return new Set(alive.map(({ endpointId }) => endpointId));
}
