import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import type { OpsDeps } from "./deps.ts";
import { readStreamId } from "./user-connections.ts";

type Target = {
  readonly userId: string;
  readonly sessionId: string;
  readonly live?: { readonly endpointId: string };
};

/**
 * Ends a connection and its session: the socket is closed at once; the session's end is told, as any, by the push
 * to whatever else it has open. The note is written first, so that nothing is done without one.
 * @throws DomainError `not-found`
 */
export async function endConnection(
  deps: OpsDeps,
  actor: Actor,
  { connectionId }: { connectionId: string },
): Promise<undefined> {
  const target = await findTarget(deps, connectionId);
  if (!target) throw new DomainError("not-found", "No such connection is open");
  const { userId, sessionId, live } = target;
  await deps.audit.record({ action: "connection-ended", userId, sessionId, byUserId: actor.userId });
  await deps.sessions.delete(sessionId);
  const endpoint = live && (await deps.registry.resolve(live.endpointId));
  if (!endpoint) return;
  const posts = [{ connectionIds: [connectionId], end: "kicked" }] as const;
  await deps.dispatcher.dispatch(endpoint, { posts, events: [] });
}

/** A live connection is found by asking the index for it at each endpoint; they are few. */
async function findTarget(deps: OpsDeps, connectionId: string): Promise<Target | undefined> {
  const stream = readStreamId(connectionId);
  if (stream) return isStreaming(deps, stream);
  const endpoints = await deps.registry.list();
  const found = await Promise.all(
    endpoints.map(({ endpointId }) => deps.connections.find(endpointId, connectionId)),
  );
  const row = found.find((candidate) => candidate !== undefined);
  return row && { userId: row.userId, sessionId: row.sessionId, live: row };
}

async function isStreaming(
  { connections }: OpsDeps,
  stream: { userId: string; sessionId: string },
): Promise<Target | undefined> {
  const { slots } = await connections.ofUser(stream.userId);
  return slots.has(stream.sessionId) ? stream : undefined;
}
