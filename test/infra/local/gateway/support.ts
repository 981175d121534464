import { once } from "node:events";
import type { OutgoingHttpHeaders } from "node:http";
import type { APIGatewayAuthorizerResult } from "aws-lambda";
import Fastify, { type FastifyInstance } from "fastify";
import { afterEach } from "vitest";
import WebSocket, { type ClientOptions } from "ws";
import { connectionsApi } from "../../../../infra/local/gateway/connections-api.ts";
import { type WebSocketApiOptions, webSocketGateway } from "../../../../infra/local/gateway/websocket-api.ts";
import type { GatewayConnection } from "../../../../infra/local/gateway/websocket-connection.ts";
import type { WebSocketEvent } from "../../../../infra/local/gateway/websocket-events.ts";

export { refusal } from "../../../support/live-device.ts";

export type Gateway = {
  readonly app: FastifyInstance;
  readonly events: WebSocketEvent[];
  /** The events of one kind so far. */
  of(eventType: "CONNECT" | "MESSAGE" | "DISCONNECT"): WebSocketEvent[];
  readonly connections: Map<string, GatewayConnection>;
  readonly url: string;
  readonly managementUrl: string;
};

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

export const policy = (Effect: "Allow" | "Deny", Resource = "*"): APIGatewayAuthorizerResult => ({
  principalId: "user-1",
  policyDocument: { Version: "2012-10-17", Statement: [{ Action: "execute-api:Invoke", Effect, Resource }] },
  context: { userId: "user-1", age: 7, premium: true },
});

/** A gateway on free ports whose routes keep their events; `options` change it, `siblings` share its app. */
export async function startGateway(
  options: Partial<WebSocketApiOptions> = {},
  siblings: { before?: (app: FastifyInstance) => void; after?: (app: FastifyInstance) => void } = {},
): Promise<Gateway> {
  const events: WebSocketEvent[] = [];
  const connections = new Map<string, GatewayConnection>();
  const record = async (event: WebSocketEvent) => {
    events.push(event);
    return { statusCode: 200 };
  };
  const app = Fastify({ forceCloseConnections: false });
  siblings.before?.(app);
  app.register(webSocketGateway, {
    path: "/gateway",
    routeSelectionKey: "$request.body.type",
    authorizer: async () => policy("Allow"),
    connections,
    ...options,
    routes: { $connect: record, $disconnect: record, $default: record, hello: record, ...options.routes },
  });
  siblings.after?.(app);
  const management = Fastify();
  management.register(connectionsApi, { connections });
  const managementUrl = await management.listen({ port: 0, host: "127.0.0.1" });
  const url = (await app.listen({ port: 0, host: "127.0.0.1" })).replace("http", "ws");
  closing.push(
    () => management.close(),
    () => app.close(),
  );
  const of: Gateway["of"] = (eventType) =>
    events.filter((event) => event.requestContext.eventType === eventType);
  return { app, events, of, connections, url, managementUrl };
}

export type Client = {
  readonly ws: WebSocket;
  /** The next message, or the one that came before anybody asked. */
  next(): Promise<string>;
  readonly closed: Promise<{ code: number; reason: string }>;
};

type ConnectOptions = { path?: string; protocols?: string[]; headers?: OutgoingHttpHeaders };

export async function connectClient(
  gateway: Pick<Gateway, "url">,
  { path = "/gateway", protocols = [], ...options }: ConnectOptions = {},
): Promise<Client> {
  const ws = new WebSocket(`${gateway.url}${path}`, protocols, options as ClientOptions);
  const messages: string[] = [];
  const readers: ((text: string) => void)[] = [];
  ws.on("message", (data) => {
    const reader = readers.shift();
    if (reader) reader(String(data));
    else messages.push(String(data));
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on("close", (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  await once(ws, "open");
  ws.on("error", () => {});
  const next = () => {
    const message = messages.shift();
    return message === undefined
      ? new Promise<string>((resolve) => readers.push(resolve))
      : Promise.resolve(message);
  };
  closing.push(async () => ws.terminate());
  return { ws, next, closed };
}

/** Waits until a condition holds. */
export async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 5_000;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`Not within 5 s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
