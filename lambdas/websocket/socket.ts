import type { APIGatewayProxyStructuredResultV2 } from "aws-lambda";
import { ulid } from "ulid";
import { liveProtocol } from "../../core/contract/live.ts";
import { problemHeaders } from "../../core/contract/problem.ts";
import type { ConnectionRow, ConnectionStore, Endpoint } from "../../core/domain/live/cluster/ports.ts";
import type { Registry } from "../../core/domain/live/cluster/registry.ts";
import { maxConnections, tooManyConnections } from "../../core/domain/live/protocol/connection-limit.ts";
import type { DeviceLabel, LiveConnection } from "../../core/domain/live/protocol/ports.ts";
import { type ProtocolDeps, receive } from "../../core/domain/live/protocol/receive.ts";
import type { ConnectionCommand, ConnectionsApi } from "../../core/domain/live/push/ports.ts";

export type SocketDeps = Omit<ProtocolDeps, "introduce" | "deviceOf" | "heartbeatSeconds"> & {
  readonly connections: Pick<ConnectionStore, "writeMany" | "get" | "ofUser">;
  readonly registry: Pick<Registry, "resolve">;
  readonly api: ConnectionsApi;
  readonly gateway: Endpoint;
  /** Of these sessions, those that have not ended. */
  readonly aliveSessions: (sessionIds: readonly string[]) => Promise<ReadonlySet<string>>;
};

type Identity = { readonly userId: string; readonly sessionId: string };

/** What is used of a WebSocket API's events. */
export type SocketEvent = {
  readonly requestContext: {
    readonly routeKey: string;
    readonly connectionId: string;
    /** Milliseconds since the epoch. */
    readonly connectedAt: number;
    readonly authorizer?: Readonly<Record<string, unknown>>;
  };
  readonly headers?: Readonly<Record<string, string | undefined>>;
  readonly body?: string | undefined;
};

export type SocketOptions = {
  /** How often clients are to send `ping`; API Gateway closes after ten minutes of silence. */
  readonly heartbeatSeconds?: number;
};

/** API Gateway ends every connection after two hours; the row outlives it by one. */
const rowSeconds = 3 * 3600;

/** The gateway's live endpoint: all routes of the WebSocket API. Answers go out by `@connections`. */
export function createSocketHandler(deps: SocketDeps, { heartbeatSeconds = 300 }: SocketOptions = {}) {
  const protocol: ProtocolDeps = {
    ...deps,
    heartbeatSeconds,
    introduce: (connection, device) => putRow(deps, connection, device),
    deviceOf: async (connection) => (await deps.connections.get(connection))?.device,
  };
  return async (event: SocketEvent): Promise<APIGatewayProxyStructuredResultV2> => {
    const connection = connectionOf(deps, event);
    switch (event.requestContext.routeKey) {
      case "$connect":
        return connect(deps, connection, event);
      case "$disconnect":
        await deps.connections.writeMany([{ op: "delete", key: connection }]);
        return ok;
      default:
        await reply(deps, connection, await answer(deps, protocol, connection, event));
        return ok;
    }
  };
}

const ok = { statusCode: 200 } as const;

function connectionOf({ gateway }: SocketDeps, { requestContext }: SocketEvent): LiveConnection {
  const { connectionId, connectedAt, authorizer } = requestContext;
  const { userId, sessionId } = authorizer as Identity;
  const since = new Date(connectedAt).toISOString();
  return { connectionId, userId, sessionId, endpointId: gateway.endpointId, since };
}

/** Written by `$connect` and by `hello` again, so that a push which deleted it too early has done no harm. */
function putRow(deps: SocketDeps, connection: LiveConnection, device?: DeviceLabel): Promise<void> {
  const ttl = Math.ceil(Date.parse(connection.since) / 1000) + rowSeconds;
  const row = { ...connection, stamp: ulid(), ttl, ...(device && { device }) };
  return deps.connections.writeMany([{ op: "put", row }]);
}

/** The row is written before all are counted, so that of those who come at once none is missed. */
async function connect(
  deps: SocketDeps,
  connection: LiveConnection,
  event: SocketEvent,
): Promise<APIGatewayProxyStructuredResultV2> {
  await putRow(deps, connection);
  const { connections } = await deps.connections.ofUser(connection.userId);
  if (connections.length <= maxConnections || (await countLiving(deps, connections)) <= maxConnections)
    return accept(event);
  await deps.connections.writeMany([{ op: "delete", key: connection }]);
  const problem = tooManyConnections().toProblem();
  return { statusCode: problem.status, headers: problemHeaders(problem), body: JSON.stringify(problem) };
}

/** A process that died leaves its rows until they are swept. */
async function countLiving({ registry }: SocketDeps, rows: readonly ConnectionRow[]): Promise<number> {
  const ids = [...new Set(rows.map(({ endpointId }) => endpointId))];
  const found = await Promise.all(ids.map((id) => registry.resolve(id)));
  const living = new Set(found.map((endpoint) => endpoint?.endpointId));
  return rows.filter(({ endpointId }) => living.has(endpointId)).length;
}

/** The subprotocol is agreed on where the client offers it (RFC 6455 §4.2.2). */
function accept({ headers = {} }: SocketEvent): APIGatewayProxyStructuredResultV2 {
  const name = "Sec-WebSocket-Protocol";
  const offered =
    Object.entries(headers).find(([key]) => key.toLowerCase() === name.toLowerCase())?.[1] ?? "";
  const agreed = offered.split(",").some((protocol) => protocol.trim() === liveProtocol);
  return agreed ? { ...ok, headers: { [name]: liveProtocol } } : ok;
}

/** A session may have ended while the connection's row was not there yet to be told so. */
async function answer(
  deps: SocketDeps,
  protocol: ProtocolDeps,
  connection: LiveConnection,
  { body = "" }: SocketEvent,
): Promise<readonly ConnectionCommand[]> {
  const connectionIds = [connection.connectionId];
  const messages = await receive(protocol, connection, body);
  const alive = await deps.aliveSessions([connection.sessionId]);
  if (!alive.has(connection.sessionId)) return [{ connectionIds, end: "session-ended" }];
  return messages.map((message) => ({ connectionIds, text: JSON.stringify(message) }));
}

async function reply(
  deps: SocketDeps,
  { connectionId }: LiveConnection,
  commands: readonly ConnectionCommand[],
): Promise<void> {
  try {
    await deps.api.deliver(deps.gateway, { posts: commands, events: [] });
  } catch (error) {
    deps.log.warn({ connectionId, err: error }, "An answer could not be sent; the client will ask again");
  }
}
