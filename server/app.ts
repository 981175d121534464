import type { Server } from "node:http";
import { type FastifyHttpOptions, type FastifyPluginAsync, LogController } from "fastify";
import { ulid } from "ulid";
import type { WebConfig } from "../core/domain/accounts/config.ts";
import type { PublicKeys } from "../core/domain/accounts/tokens.ts";
import type { HandshakeDeps } from "../core/domain/live/protocol/handshake.ts";
import type { TransportsConfig } from "../core/domain/live/protocol/transports.ts";
import type { ObjectSigner } from "../core/domain/shared/object-store.ts";
import type { AudioReader } from "./delivery/range-reader.ts";
import type { HeldSlots } from "./entitlement/held-slots.ts";
import type { StreamGrants } from "./entitlement/stream-grants.ts";
import type { DrainOptions } from "./live/drain.ts";
import type { Hub } from "./live/hub.ts";
import { authentication } from "./plugins/authentication.ts";
import { client } from "./plugins/client.ts";
import { answerWithProblem, problemDocuments } from "./plugins/problems.ts";
import { securityHeaders } from "./plugins/security-headers.ts";
import { type CoverOptions, coverRoutes } from "./routes/covers.ts";
import { type HealthOptions, healthRoutes } from "./routes/health.ts";
import { type LiveRouteOptions, liveRoutes } from "./routes/live.ts";
import { referenceRoutes } from "./routes/reference.ts";
import { streamRoutes, wishOf } from "./routes/stream.ts";
import { livePath, upgradesOnlyAt } from "./upgrades.ts";

/** What the public side of a node is made of. */
export type AppOptions = {
  readonly web: WebConfig;
  readonly publicKeys: PublicKeys;
  readonly transports: TransportsConfig;
  readonly clientFolder: string;
  readonly hub: Hub;
  readonly drain?: DrainOptions;
  readonly handshake: Pick<HandshakeDeps, "authenticate" | "redeemTicket"> &
    Pick<LiveRouteOptions, "connectionsElsewhere">;
  readonly audio: AudioReader;
  /** Given where audio comes straight from the store. */
  readonly audioSigner?: ObjectSigner | undefined;
  readonly grants: StreamGrants;
  readonly slots: Pick<HeldSlots, "close">;
  readonly findCover: CoverOptions["findCover"];
  readonly ready: HealthOptions["ready"];
};

/** Unlike anybody else's, and made without randomness for each: that took a fifth of the time of a range. */
function createRequestIds(): () => string {
  const process = ulid();
  let count = 0;
  return () => `${process}-${(count++).toString(36)}`;
}

/**
 * How an instance that carries this app is made. Paths are logged without their query: it may hold a ticket.
 * @param otherSockets paths of WebSockets beside the live endpoint
 */
export const serverOptions = (
  level: string,
  otherSockets: readonly string[] = [],
): FastifyHttpOptions<Server> => ({
  http: upgradesOnlyAt([livePath, ...otherSockets]),
  logger: {
    level,
    serializers: { req: ({ method, url }) => ({ method, path: url.replace(/\?.*/, "") }) },
  },
  logController: new LogController({ disableRequestLogging: true }),
  genReqId: createRequestIds(),
  // One logger for all requests: a child for each takes longer than most have anything to tell of, so whoever logs says
  // which request it was.
  childLoggerFactory: (logger) => logger,
  frameworkErrors: answerWithProblem,
  forceCloseConnections: "idle",
  // A listener may pause for long; what must be quick is the request itself.
  requestTimeout: 30_000,
  keepAliveTimeout: 72_000,
});

/** The public side of a node: audio, live connections, covers, health, the API's reference and the player. */
export const app: FastifyPluginAsync<AppOptions> = async (fastify, options) => {
  const { web, hub, audio, audioSigner, grants, slots, findCover, ready } = options;
  await fastify.register(problemDocuments);
  await fastify.register(authentication, { publicKeys: options.publicKeys, cookies: web.cookies });

  fastify.register(healthRoutes, { ready });
  fastify.register(liveRoutes, {
    ...web,
    ...options.handshake,
    hub,
    ...(options.drain && { drain: options.drain }),
  });
  // What flows ends when the node drains; a player takes it up again elsewhere, by range.
  fastify.addHook("preClose", slots.close);
  fastify.register(streamRoutes, {
    audio,
    signer: audioSigner,
    grantFor: (request) => {
      const { songId } = request.params;
      const wish = wishOf(request.query);
      const listener = request.identify();
      return listener instanceof Promise
        ? listener.then((identified) => grants.grant(identified, songId, wish))
        : grants.grant(listener, songId, wish);
    },
  });
  fastify.register(async (covers) => {
    covers.addHook("onRequest", async (request) => void (await request.identify()));
    covers.register(coverRoutes, { audio, findCover });
  });
  // Only pages need to be told what they may load; a range of audio is lighter without it.
  fastify.register(async (pages) => {
    await pages.register(securityHeaders, {
      secure: web.cookies.secure,
      origins: web.allowedOrigins,
      liveUrls: options.transports.map(({ url }) => url),
      mediaOrigins: audioSigner ? [await audioSigner.origin()] : [],
    });
    pages.register(referenceRoutes);
    pages.register(client, { folder: options.clientFolder });
  });
};
