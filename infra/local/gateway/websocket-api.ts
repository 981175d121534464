import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { type Authorizer, authorize } from "./authorizer.ts";
import { beforeDeadline, late } from "./deadline.ts";
import { createFrameMeter } from "./frame-meter.ts";
import type { ApiFacts } from "./http-event.ts";
import { newId } from "./request-facts.ts";
import { routeUpgrades, type Upgrade } from "./upgrades.ts";
import {
  type Connections,
  closures,
  createConnection,
  type GatewayConnection,
  type WebSocketLimits,
  webSocketLimits,
} from "./websocket-connection.ts";
import { authorizerEvent, type ConnectionFacts } from "./websocket-events.ts";
import { createRoutes, gatewayMessage, type RouteOptions } from "./websocket-routes.ts";
import { createWebSocketServer } from "./websocket-server.ts";

export type WebSocketApiOptions = RouteOptions & {
  /** Where clients connect, like `/gateway`. */
  readonly path: string;
  readonly authorizer: Authorizer;
  /** Filled with the established connections; give the same map to `connectionsApi`. */
  readonly connections: Connections;
  readonly stage?: string;
  readonly domainName?: string;
  readonly limits?: Partial<WebSocketLimits>;
};

/**
 * An API Gateway WebSocket API as a Fastify plugin: authorizer, `$connect`, then the upgrade; a route for each
 * message; `$disconnect`. It stands beside `@fastify/websocket` on one server. Closing the app closes the sockets
 * with 1001 and waits, within reason, for every `$disconnect`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-overview.html
 */
export const webSocketGateway: FastifyPluginAsync<WebSocketApiOptions> = async (fastify, options) => {
  const { connections, path, authorizer } = options;
  const api = { stage: options.stage ?? "local", domainName: options.domainName ?? "localhost" };
  const limits = { ...webSocketLimits, ...options.limits };
  const routes = createRoutes(options, limits.timeoutMs, fastify.log);
  const upgrades = routeUpgrades(fastify, path);
  const server = createWebSocketServer(limits.messageBytes);
  const running = new Set<Promise<unknown>>();
  let closing = false;

  const connect = async (request: FastifyRequest, reply: FastifyReply, upgrade: Upgrade): Promise<void> => {
    const stranger = describeConnection(request, api);
    const call = { name: "authorizer", timeoutMs: limits.timeoutMs, log: request.log };
    const decision = await authorize(authorizer, authorizerEvent(request, stranger), call);
    if (!decision.allowed) return refuse(reply, decision.status, stranger.connectionId);
    const facts = { ...stranger, authorizer: decision.context };
    const { status, protocol } = await routes.connect(request, facts);
    if (status < 200 || status > 299) return refuse(reply, status, facts.connectionId);

    reply.hijack();
    upgrade.response.detachSocket(request.raw.socket);
    const ws = server.upgrade(request.raw, upgrade.head, protocol);
    // The client left meanwhile, or its handshake was none: `$connect` has run, so its counterpart must.
    if (!ws) return routes.disconnect(facts, closures.abnormal);
    track(running, open(ws, request.raw.socket, facts).ended);
  };

  const open = (ws: WebSocket, socket: Socket, facts: ConnectionFacts): GatewayConnection => {
    const connection = createConnection(ws, facts, limits, {
      message: routes.message,
      ended: (closure) => routes.disconnect(facts, closure),
    });
    const meter = createFrameMeter(limits.frameBytes, () => connection.close(closures.tooLarge));
    // Before the library's own listener, or a frame too large would already be a message.
    socket.prependListener("data", meter);
    connections.set(facts.connectionId, connection);
    ws.once("close", () => connections.delete(facts.connectionId));
    if (closing) connection.close(closures.goingAway);
    return connection;
  };

  fastify.get(path, { exposeHeadRoute: false }, async (request, reply) => {
    const upgrade = upgrades.get(request.raw);
    if (!upgrade) return reply.code(426).header("upgrade", "websocket").send({ message: STATUS_CODES[426] });
    await track(running, connect(request, reply, upgrade));
    return reply;
  });

  fastify.addHook("preClose", async () => {
    closing = true;
    for (const connection of connections.values()) connection.close(closures.goingAway);
    if ((await beforeDeadline(settle(running), limits.drainMs)) === late)
      fastify.log.warn("Closed while handlers were still running");
  });
};

const describeConnection = (request: FastifyRequest, api: ApiFacts): ConnectionFacts => ({
  ...api,
  connectionId: newId(),
  connectedAt: new Date(),
  identity: { sourceIp: request.ip, userAgent: request.headers["user-agent"] ?? "" },
});

function refuse(reply: FastifyReply, status: number, connectionId: string): void {
  const message = STATUS_CODES[status] ?? "Refused";
  reply
    .code(status)
    .type("application/json")
    .send(gatewayMessage(message, { connectionId, requestId: newId() }));
}

function track<T>(running: Set<Promise<unknown>>, promise: Promise<T>): Promise<T> {
  const tracked = promise.finally(() => running.delete(tracked));
  running.add(tracked);
  return tracked;
}

/** Waits for all work, also for what other work starts meanwhile. */
async function settle(running: ReadonlySet<Promise<unknown>>): Promise<void> {
  while (running.size > 0) await Promise.allSettled(running);
}
