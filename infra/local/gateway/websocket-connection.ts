import type { WebSocket } from "ws";
import type { ConnectionFacts } from "./websocket-events.ts";

/** https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html */
export const webSocketLimits = {
  messageBytes: 128 * 1024,
  frameBytes: 32 * 1024,
  /** Without a message either way. */
  idleMs: 10 * 60_000,
  lifetimeMs: 2 * 3_600_000,
  /** For an integration to answer. */
  timeoutMs: 29_000,
  /** So many messages may wait for the handler; the client that sends more is cut off. */
  waitingMessages: 100,
  /** So much may wait for a client that does not read; then it is posted no more. */
  bufferedBytes: 1024 * 1024,
  /** For handlers still running when the gateway closes; Fastify gives its hooks 10 s. */
  drainMs: 5_000,
};
export type WebSocketLimits = typeof webSocketLimits;

/**
 * What the gateway closes with.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
 */
export const closures = {
  normal: { code: 1000, reason: "Connection Closed Normally" },
  goingAway: { code: 1001, reason: "Going away" },
  /** Never sent: what is known of a connection that just went (RFC 6455 §7.4.1). */
  abnormal: { code: 1006, reason: "Connection closed abnormally" },
  binary: { code: 1003, reason: "Binary messages are not supported" },
  tooManyRequests: { code: 1008, reason: "Too many requests" },
  tooLarge: { code: 1009, reason: "Message too big" },
} as const;
export type Closure = { readonly code: number; readonly reason: string };

/** An established connection, as `@connections` sees it. */
export type GatewayConnection = {
  readonly facts: ConnectionFacts;
  lastActiveAt(): Date;
  /** One text message to the client. */
  post(text: string): "posted" | "gone" | "buffer-full";
  close(closure: Closure): void;
  /** Settles when `$disconnect` has been delivered. */
  readonly ended: Promise<void>;
};

/** The established connections by id. One in `$connect` is not among them. */
export type Connections = Map<string, GatewayConnection>;

/** Neither may reject. */
export type ConnectionHandlers = {
  readonly message: (connection: GatewayConnection, text: string) => Promise<void>;
  readonly ended: (closure: Closure) => Promise<void>;
};

/**
 * Watches over one socket. API Gateway calls functions for several messages of a connection at once; here each
 * waits for the one before, and `$disconnect` for the last, so that order is kept and runs repeat.
 */
export function createConnection(
  ws: WebSocket,
  facts: ConnectionFacts,
  limits: WebSocketLimits,
  handlers: ConnectionHandlers,
): GatewayConnection {
  let active = new Date();
  let closedBy: Closure | undefined;
  let waiting = 0;
  let turn = Promise.resolve();
  const { promise: ended, resolve } = Promise.withResolvers<void>();

  const connection: GatewayConnection = {
    facts,
    lastActiveAt: () => active,
    post: (text) => {
      if (ws.readyState !== ws.OPEN) return "gone";
      if (ws.bufferedAmount > limits.bufferedBytes) return "buffer-full";
      touch();
      ws.send(text);
      return "posted";
    },
    close: (closure) => {
      closedBy ??= closure;
      ws.close(closedBy.code, closedBy.reason);
    },
    ended,
  };
  const goAway = () => connection.close(closures.goingAway);
  const idle = setTimeout(goAway, limits.idleMs);
  const lifetime = setTimeout(goAway, limits.lifetimeMs);
  const touch = () => {
    active = new Date();
    idle.refresh();
  };

  ws.on("message", (data, isBinary) => {
    if (closedBy) return;
    touch();
    if (isBinary) return connection.close(closures.binary);
    if (waiting >= limits.waitingMessages) return connection.close(closures.tooManyRequests);
    waiting += 1;
    turn = turn.then(() => handlers.message(connection, String(data))).finally(() => (waiting -= 1));
  });
  ws.on("error", (error: NodeJS.ErrnoException) => {
    // The library has sent the close frame by itself.
    if (error.code === "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH") closedBy ??= closures.tooLarge;
  });
  ws.on("close", (code, reason) => {
    clearTimeout(idle);
    clearTimeout(lifetime);
    const closure = closedBy ?? { code, reason: reason.toString() };
    turn = turn.then(() => handlers.ended(closure)).then(resolve);
  });
  return connection;
}
