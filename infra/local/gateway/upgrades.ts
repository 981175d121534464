import { type IncomingMessage, ServerResponse } from "node:http";
import type { FastifyInstance } from "fastify";
import { splitTarget } from "./request-facts.ts";

/** A request to upgrade whose HTTP response has not begun. */
export type Upgrade = { readonly head: Buffer; readonly response: ServerResponse };

type UpgradeListener = (request: IncomingMessage, socket: unknown, head: Buffer) => void;

/**
 * Sends upgrades on one path through Fastify's router like any request, so that hooks, log and the client's
 * address are as ever; the route finds here what it needs to finish them. Node tells every listener of every
 * upgrade, and `@fastify/websocket` answers each it hears of: so this one stands before all that are there when
 * the app is ready, and hands them what is not its own.
 */
export function routeUpgrades(fastify: FastifyInstance, path: string): WeakMap<IncomingMessage, Upgrade> {
  const upgrades = new WeakMap<IncomingMessage, Upgrade>();
  const own: UpgradeListener = (request, _, head) => {
    const response = respondOn(request);
    upgrades.set(request, { head, response });
    fastify.routing(request, response);
  };
  fastify.addHook("onReady", async () => {
    const others = fastify.server.listeners("upgrade") as UpgradeListener[];
    const rest = others.length > 0 ? others : [refuse];
    fastify.server.removeAllListeners("upgrade");
    fastify.server.on("upgrade", (request, socket, head) => {
      const takers = splitTarget(request.url ?? "").path === path ? [own] : rest;
      for (const take of takers) take.call(fastify.server, request, socket, head);
    });
  });
  return upgrades;
}

/** Node leaves a socket that asks for an upgrade without response and without error listener. */
function respondOn(request: IncomingMessage): ServerResponse {
  const { socket } = request;
  socket.on("error", () => socket.destroy());
  const response = new ServerResponse(request);
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.on("finish", () => socket.end());
  return response;
}

const refuse: UpgradeListener = (request) => respondOn(request).writeHead(404).end();
