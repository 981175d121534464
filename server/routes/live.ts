import websocket from "@fastify/websocket";
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from "fastify";
import type { WebSocket } from "ws";
import { closeCodes, liveProtocol } from "../../core/contract/live.ts";
import type { SessionIdentity } from "../../core/domain/accounts/ports.ts";
import { DomainError } from "../../core/domain/errors.ts";
import { maxConnections } from "../../core/domain/live/protocol/connection-limit.ts";
import {
  authenticateHandshake,
  type HandshakeCredentials,
  type HandshakeDeps,
} from "../../core/domain/live/protocol/handshake.ts";
import { type CookiePolicy, cookieName, parseCookies } from "../../core/domain/shared/cookies.ts";
import { bearerOf } from "../../core/domain/shared/http-credentials.ts";
import { type DrainOptions, drain } from "../live/drain.ts";
import type { Hub } from "../live/hub.ts";
import { livePath } from "../upgrades.ts";

export type LiveRouteOptions = HandshakeDeps & {
  readonly hub: Hub;
  readonly cookies: CookiePolicy;
  readonly drain?: DrainOptions;
  /** Counts a user's live connections at other endpoints; without it none are counted. */
  readonly connectionsElsewhere?: ((userId: string) => Promise<number>) | undefined;
};

/**
 * Number of a user's connections here from which those at other endpoints are counted too. Below it, a storm of devices
 * that come back costs no reads.
 */
const countElsewhereFrom = 5;

type Handshake = {
  readonly identity: SessionIdentity;
  readonly reply: FastifyReply;
  readonly elsewhere: number;
};

/**
 * No deflate: it costs memory for each socket, and the messages are short. A message may come in pieces, but each piece
 * that waits costs more than its bytes.
 */
const socketOptions = {
  maxPayload: 16 * 1024,
  maxFragments: 1024,
  maxBufferedChunks: 1024,
  perMessageDeflate: false,
  clientTracking: false,
  closeTimeout: 2_000,
  handleProtocols: (offered: Set<string>) => offered.has(liveProtocol) && liveProtocol,
};

/**
 * The live endpoint of a node: `GET /live`, upgraded for those who are signed in. Refusals are thrown: the app that it
 * is part of answers them (`problemDocuments`).
 */
export const liveRoutes: FastifyPluginAsync<LiveRouteOptions> = async (app, options) => {
  const { hub, cookies } = options;
  const handshakes = new WeakMap<FastifyRequest, Handshake>();
  let draining = false;

  const preClose = async (): Promise<void> => {
    draining = true;
    await drain(hub, options.drain);
  };
  await app.register(websocket, { options: socketOptions, preClose });
  app.websocketServer.on("headers", (headers) => headers.push("X-Accel-Buffering: no"));

  app.get(
    livePath,
    {
      websocket: true,
      preValidation: async (request, reply) => {
        if (!request.ws) return;
        if (draining) throw new DomainError("unavailable");
        const identity = await authenticateHandshake(options, credentialsOf(cookies, request));
        const looksElsewhere = hub.sizeOf(identity.userId) >= countElsewhereFrom;
        const elsewhere = looksElsewhere ? await options.connectionsElsewhere?.(identity.userId) : undefined;
        handshakes.set(request, { identity, reply, elsewhere: elsewhere ?? 0 });
      },
    },
    (socket, request) => {
      const found = handshakes.get(request);
      if (!found || draining) return socket.close(closeCodes.restart);
      detachRequest(socket, request, found.reply);
      // Counted as it is taken in, so that those who come at once count each other.
      const isFull = hub.sizeOf(found.identity.userId) + found.elsewhere >= maxConnections;
      if (isFull) hub.refuse(socket);
      else hub.adopt(socket, found.identity);
    },
  );
};

/** Takes the request and its reply off the socket, which would keep them in memory for as long as it lives. */
function detachRequest(socket: WebSocket, request: FastifyRequest, reply: FastifyReply): void {
  socket.removeAllListeners("error");
  reply.raw.detachSocket(request.raw.socket);
}

function credentialsOf(policy: CookiePolicy, { headers, url }: FastifyRequest): HandshakeCredentials {
  const cookies = parseCookies(headers.cookie?.split(";") ?? []);
  return {
    origin: headers.origin,
    cookie: cookies.get(cookieName(policy, "access")),
    bearer: bearerOf(headers.authorization),
    ticket: new URL(url, "http://node").searchParams.get("ticket") ?? undefined,
  };
}
