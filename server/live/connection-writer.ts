import { WebSocket } from "ws";
import { type ByeReason, closeCodes, type ServerMessage } from "../../core/contract/live.ts";
import type { Backlog, ClientConnection } from "./client-connection.ts";
import type { HubStats } from "./stats.ts";

/** Most bytes that wait in a socket for its client; what comes beyond goes to the backlog. */
const maxQueuedBytes = 64 * 1024;
/** How long a connection may have a backlog, in milliseconds. */
const slowTimeoutMs = 10_000;

const codes: Record<ByeReason, number> = {
  "session-ended": closeCodes.sessionEnded,
  kicked: closeCodes.sessionEnded,
  draining: closeCodes.restart,
  flood: closeCodes.flood,
  "slow-consumer": closeCodes.slowConsumer,
  "too-many-connections": closeCodes.tooManyConnections,
};

/** Sends messages to client connections, and bounds the backlog of those whose client does not read. */
export type ConnectionWriter = ReturnType<typeof createConnectionWriter>;

export type ConnectionWriterDeps = {
  readonly stats: HubStats;
  readonly headOf: (userId: string) => Promise<{ epoch: string; revision: number } | undefined>;
};

export function createConnectionWriter(
  { stats, headOf }: ConnectionWriterDeps,
  { timeoutMs = slowTimeoutMs } = {},
) {
  /** Connections with a backlog. */
  const slow = new Set<ClientConnection>();

  const write = ({ socket }: ClientConnection, text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    stats.sent++;
    stats.sentBytes += Buffer.byteLength(text);
  };

  const send = (connection: ClientConnection, text: string): void => {
    if (!connection.backlog && connection.socket.bufferedAmount + Buffer.byteLength(text) <= maxQueuedBytes) {
      write(connection, text);
      return;
    }
    connection.backlog ??= { since: performance.now(), texts: new Map() };
    keepNewest(connection.backlog.texts, text);
    slow.add(connection);
  };

  const sendMessage = (connection: ClientConnection, message: ServerMessage): void =>
    send(connection, JSON.stringify(message));

  /** Sends `bye` and closes; nothing is sent after it. */
  const end = (connection: ClientConnection, reason: ByeReason, retryAfterSeconds = 0): void => {
    if (connection.socket.readyState !== WebSocket.OPEN) return;
    stats.ended[reason]++;
    write(connection, JSON.stringify({ type: "bye", reason, retryAfterSeconds } satisfies ServerMessage));
    connection.socket.close(codes[reason], reason);
    slow.delete(connection);
  };

  /** A client that reads again gets the newest message of each type, and `resync` where changes are missing. */
  const flush = async (connection: ClientConnection, { texts }: Backlog): Promise<void> => {
    connection.backlog = undefined;
    slow.delete(connection);
    const missed = texts.delete("changes") || texts.delete("resync");
    for (const text of texts.values()) write(connection, text);
    const head = missed ? await headOf(connection.userId) : undefined;
    if (head) sendMessage(connection, { type: "resync", epoch: head.epoch, revision: head.revision });
  };

  /** Flushes backlogs of clients that read again, and ends connections whose backlog is too old. Called each second. */
  const flushSlow = async (): Promise<void> => {
    const now = performance.now();
    const flushes = [...slow].map(async (connection) => {
      const { backlog, socket } = connection;
      if (!backlog || socket.readyState !== WebSocket.OPEN) slow.delete(connection);
      else if (socket.bufferedAmount === 0) await flush(connection, backlog);
      else if (now - backlog.since > timeoutMs) end(connection, "slow-consumer");
    });
    await Promise.all(flushes);
  };

  return { send, sendMessage, end, flushSlow };
}

/**
 * Keeps the newest text of each type, which says all. Of two `catalogue`, neither names the other's songs: they become
 * `many`.
 */
function keepNewest(texts: Backlog["texts"], text: string): void {
  const type = typeOf(text);
  texts.set(type, type === "catalogue" && texts.has(type) ? manyChanged : text);
}

const manyChanged = JSON.stringify({ type: "catalogue", changed: "many" } satisfies ServerMessage);

const typeOf = (text: string): string => (JSON.parse(text) as ServerMessage).type;
