import type { FastifyBaseLogger, FastifyRequest } from "fastify";
import { type Handler, InvocationError, invoke } from "./invoke.ts";
import type { Closure, GatewayConnection } from "./websocket-connection.ts";
import {
  type ConnectionFacts,
  connectEvent,
  disconnectEvent,
  messageEvent,
  type WebSocketEvent,
} from "./websocket-events.ts";

/** Handlers by route key: `$connect`, `$disconnect`, `$default` and the values that messages choose by. */
type WebSocketHandlers = Readonly<Record<string, Handler<WebSocketEvent, unknown>>>;

export type RouteOptions = {
  readonly routes: WebSocketHandlers;
  /** A route selection expression like `$request.body.type`. */
  readonly routeSelectionKey: string;
};

/** What `$connect` said: the status, and the subprotocol it accepts. */
export type ConnectAnswer = { readonly status: number; readonly protocol?: string };

/**
 * Calls the function of a route. What message functions return goes nowhere, as no route response is configured;
 * they answer through `@connections`.
 * https://docs.aws.amazon.com/apigateway/latest/developerguide/websocket-api-develop-routes.html
 */
export function createRoutes(
  { routes, routeSelectionKey }: RouteOptions,
  timeoutMs: number,
  log: FastifyBaseLogger,
) {
  const handlers = new Map(Object.entries(routes));
  const select = routeSelector(routeSelectionKey, handlers);
  const run = async (event: WebSocketEvent): Promise<unknown> => {
    const name = event.requestContext.routeKey;
    const handler = handlers.get(name);
    return handler && invoke(handler, event, { name, timeoutMs, log });
  };
  return {
    async connect(request: FastifyRequest, facts: ConnectionFacts): Promise<ConnectAnswer> {
      if (!handlers.has("$connect")) return { status: 200 };
      try {
        return readConnectAnswer(await run(connectEvent(request, facts)));
      } catch (error) {
        return { status: isTimeout(error) ? 504 : 502 };
      }
    },

    async message(connection: GatewayConnection, text: string): Promise<void> {
      const routeKey = select(text);
      const event = messageEvent(connection.facts, routeKey, text);
      const complain = (message: string) => connection.post(gatewayMessage(message, event.requestContext));
      if (!handlers.has(routeKey)) return void complain("Forbidden");
      await run(event).catch((error) =>
        complain(isTimeout(error) ? "Endpoint request timed out" : "Internal server error"),
      );
    },

    /** Best effort: a failure is logged, and nobody is left to be told. */
    async disconnect(facts: ConnectionFacts, { code, reason }: Closure): Promise<void> {
      await run(disconnectEvent(facts, code, reason)).catch(() => {});
    },
  };
}

const isTimeout = (error: unknown): boolean => error instanceof InvocationError && error.kind === "timeout";

/** What the gateway itself says to a client. */
export const gatewayMessage = (message: string, ids: { connectionId: string; requestId: string }): string =>
  JSON.stringify({ message, connectionId: ids.connectionId, requestId: ids.requestId });

function readConnectAnswer(result: unknown): ConnectAnswer {
  const { statusCode, headers = {} } = (result ?? {}) as { statusCode?: unknown; headers?: object };
  if (typeof statusCode !== "number") return { status: 502 };
  const [, protocol] =
    Object.entries(headers).find(([name]) => name.toLowerCase() === "sec-websocket-protocol") ?? [];
  return { status: statusCode, ...(protocol && { protocol: String(protocol) }) };
}

/**
 * The route a message goes to: the value of the property that the expression names, where a route has that key;
 * `$default` for all else, also for what is not JSON. `$connect` and `$disconnect` cannot be called by message.
 */
function routeSelector(expression: string, handlers: ReadonlyMap<string, unknown>): (text: string) => string {
  const property = /^\$request\.body\.(\w+)$/.exec(expression)?.[1];
  if (property === undefined) throw new Error(`Not a route selection expression: ${expression}`);
  return (text) => {
    const value = parseObject(text)[property];
    // An object may have no way to become text, or be nested too deep for it.
    const key = typeof value === "object" ? "$default" : String(value);
    return handlers.has(key) && !key.startsWith("$") ? key : "$default";
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}
