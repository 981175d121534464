import { ulid } from "ulid";
import type { RawData, WebSocket } from "ws";
import { type ByeReason, closeCodes, type ServerMessage } from "../../core/contract/live.ts";
import type { SessionIdentity } from "../../core/domain/accounts/ports.ts";
import type { RowWriter } from "../../core/domain/live/cluster/row-writer.ts";
import { retryAfterSeconds, tooManyConnections } from "../../core/domain/live/protocol/connection-limit.ts";
import { binaryRefused, type ProtocolDeps, receive } from "../../core/domain/live/protocol/receive.ts";
import type { ConnectionCommand, DeliveryResult, PushBatch } from "../../core/domain/live/push/ports.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { ConnectionWriter } from "./connection-writer.ts";
import { type FloodLimits, floodLimits, spendToken } from "./flood.ts";
import type { HeartbeatWheel } from "./heartbeat-wheel.ts";
import type { NodeEvents } from "./node-events.ts";
import type { HubStats } from "./stats.ts";

export type HubDeps = Omit<ProtocolDeps, "introduce" | "deviceOf"> & {
  readonly rows: RowWriter;
  readonly writer: ConnectionWriter;
  readonly wheel: HeartbeatWheel;
  readonly stats: HubStats;
  readonly events: Pick<NodeEvents, "emit">;
  /** Under which id this process is registered just now. */
  readonly endpointId: () => string;
  readonly flood?: FloodLimits;
};

/** All client connections of this node: takes sockets in, answers their frames, delivers pushes. */
export type Hub = ReturnType<typeof createHub>;

export function createHub(deps: HubDeps) {
  const { rows, writer, wheel, stats, clock, log, flood = floodLimits } = deps;
  const connections = new Map<string, ClientConnection>();
  const connectionOf = new WeakMap<WebSocket, ClientConnection>();
  /** How many connections each user has here. */
  const counts = new Map<string, number>();
  const count = (userId: string, change: 1 | -1): void => {
    const now = (counts.get(userId) ?? 0) + change;
    if (now > 0) counts.set(userId, now);
    else counts.delete(userId);
  };
  /** A row is written by this process alone, so a count tells its writes apart; an id of chance each took 6 % of a storm. */
  let stamps = 0;

  const store = ({
    connectionId,
    userId,
    sessionId,
    endpointId,
    since,
    device,
  }: ClientConnection): Promise<void> =>
    rows.put({
      connectionId,
      userId,
      sessionId,
      endpointId,
      since,
      stamp: String(++stamps),
      ...(device && { device }),
    });

  const protocol: ProtocolDeps = {
    ...deps,
    async introduce({ connectionId }, device) {
      const connection = connections.get(connectionId);
      if (!connection) return;
      connection.device = device;
      await store(connection);
    },
    deviceOf: async ({ connectionId }) => connections.get(connectionId)?.device,
  };

  const answer = async (connection: ClientConnection, text: string): Promise<void> => {
    for (const message of await receive(protocol, connection, text)) {
      if (message.type === "pong" || message.type === "welcome") connection.revisionSent = true;
      writer.sendMessage(connection, message);
    }
  };

  /** Frames of a connection are answered one after the other. */
  const enqueue = (connection: ClientConnection, text: string): void => {
    const work = (connection.work ?? Promise.resolve()).then(async () => {
      await answer(connection, text);
      if (connection.work === work) connection.work = undefined;
    });
    connection.work = work;
  };

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const connection = connectionOf.get(this);
    if (!connection) return;
    connection.heard = true;
    stats.received++;
    if (!spendToken(connection, performance.now(), flood)) writer.end(connection, "flood", 60);
    else if (isBinary) writer.sendMessage(connection, binaryRefused);
    else enqueue(connection, data.toString());
  }

  /** Pings and pongs cost like messages: between fragments they would keep whole packets in memory. */
  function onControl(this: WebSocket): void {
    const connection = connectionOf.get(this);
    if (!connection) return;
    connection.heard = true;
    if (!spendToken(connection, performance.now(), flood)) writer.end(connection, "flood", 60);
  }

  function onError(this: WebSocket, error: Error): void {
    log.info({ connectionId: connectionOf.get(this)?.connectionId, reason: error.message }, "A socket broke");
  }

  function onClose(this: WebSocket): void {
    const connection = connectionOf.get(this);
    if (!connection) return;
    connections.delete(connection.connectionId);
    count(connection.userId, -1);
    wheel.delete(connection);
    rows.delete(connection).catch((error) => log.warn({ err: error }, "A closed connection's row stays"));
  }

  const execute = (command: ConnectionCommand, gone: Set<string>): void => {
    for (const connectionId of command.connectionIds) {
      const connection = connections.get(connectionId);
      if (!connection) gone.add(connectionId);
      else if ("text" in command) writer.send(connection, command.text);
      else writer.end(connection, command.end);
    }
  };

  return {
    stats,
    size: () => connections.size,
    /** How many connections one user has here. */
    sizeOf: (userId: string): number => counts.get(userId) ?? 0,
    find: (connectionId: string) => connections.get(connectionId),
    all: (): Iterable<ClientConnection> => connections.values(),

    /** Takes over an authenticated socket; handlers are there before anything is awaited. */
    adopt(socket: WebSocket, { userId, sessionId }: Pick<SessionIdentity, "userId" | "sessionId">): void {
      const connection: ClientConnection = {
        connectionId: ulid(),
        userId,
        sessionId,
        endpointId: deps.endpointId(),
        since: clock.now().toISOString(),
        socket,
        slot: wheel.nextSlot(),
        tokens: flood.burst,
        refilledAt: performance.now(),
        heard: true,
        revisionSent: false,
        device: undefined,
        work: undefined,
        backlog: undefined,
      };
      connectionOf.set(socket, connection);
      connections.set(connection.connectionId, connection);
      count(userId, 1);
      wheel.add(connection);
      stats.opened++;
      socket.on("message", onMessage).on("ping", onControl).on("pong", onControl);
      socket.on("close", onClose).on("error", onError);
      store(connection).catch((error) => log.warn({ err: error }, "A connection's row waits for its hello"));
    },

    /** Tells a socket beyond its account's limit why, and closes it. */
    refuse(socket: WebSocket): void {
      const reason = "too-many-connections" satisfies ByeReason;
      stats.ended[reason]++;
      socket.on("error", () => {});
      for (const message of [
        { type: "error", problem: tooManyConnections().toProblem() },
        { type: "bye", reason, retryAfterSeconds },
      ] satisfies ServerMessage[])
        socket.send(JSON.stringify(message));
      socket.close(closeCodes.tooManyConnections, reason);
    },

    /** Executes a push batch, in order. @returns the ids of connections that are not here */
    deliver({ posts, events }: PushBatch): DeliveryResult {
      stats.pushes++;
      const gone = new Set<string>();
      for (const command of posts) execute(command, gone);
      for (const event of events) deps.events.emit(event);
      return { gone: [...gone] };
    },

    /** Ends a connection with `bye`. */
    end: writer.end,
  };
}
