import type { Connection } from "../../contract/ops.ts";
import type { StreamSlot } from "../entitlement/slots-row.ts";
import type { ConnectionRow, UserConnections } from "../live/cluster/ports.ts";

/** What operators see of one user: live connections, and the devices that stream. */
export const connectionsOf = (userId: string, { connections, slots }: UserConnections): Connection[] => [
  ...connections.map(fromRow),
  ...[...slots].map(([sessionId, slot]) => fromSlot(userId, sessionId, slot)),
];

const fromRow = ({
  connectionId,
  userId,
  sessionId,
  device,
  endpointId,
  since,
}: ConnectionRow): Connection => ({
  connectionId,
  kind: "live",
  userId,
  sessionId,
  endpointId,
  since,
  deviceName: device?.name ?? "",
});

const fromSlot = (
  userId: string,
  sessionId: string,
  { endpointId, deviceName = "", since = new Date(0).toISOString() }: StreamSlot,
): Connection => ({
  kind: "stream",
  userId,
  sessionId,
  endpointId,
  deviceName,
  since,
  connectionId: streamId(userId, sessionId),
});

/** A stream has no id of its own: it is the slot of a session. */
const streamId = (userId: string, sessionId: string): string => `stream~${userId}~${sessionId}`;

/** Whose slot an id names, where it names one. */
export function readStreamId(connectionId: string): { userId: string; sessionId: string } | undefined {
  const [kind, userId, sessionId] = connectionId.split("~");
  return kind === "stream" && userId && sessionId ? { userId, sessionId } : undefined;
}
