import type { FastifyPluginAsync } from "fastify";
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
import { problemDocuments } from "./plugins/problems.ts";
import { securityHeaders } from "./plugins/security-headers.ts";
import { type CoverOptions, coverRoutes } from "./routes/covers.ts";
import { type HealthOptions, healthRoutes } from "./routes/health.ts";
import { type LiveRouteOptions, liveRoutes } from "./routes/live.ts";
import { referenceRoutes } from "./routes/reference.ts";
import { type StreamOptions, streamRoutes, wishOf } from "./routes/stream.ts";

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

/** The public side of a node: audio, live connections, covers, health, the API's reference and the player. */
export const app: FastifyPluginAsync<AppOptions> = async (fastify, options) => {
  const { publicKeys, web, slots, ready } = options;
  await fastify.register(problemDocuments);
  await fastify.register(authentication, { publicKeys, cookies: web.cookies });
  // What flows ends when the node drains; a player takes it up again elsewhere, by range.
  fastify.addHook("preClose", slots.close);
  fastify.register(healthRoutes, { ready });
  fastify.register(liveRoutes, liveOptionsOf(options));
  fastify.register(streamRoutes, streamOptionsOf(options));
  fastify.register(covers, options);
  fastify.register(pages, options);
};

const liveOptionsOf = ({ web, handshake, hub, drain }: AppOptions): LiveRouteOptions => ({
  ...web,
  ...handshake,
  hub,
  ...(drain && { drain }),
});

const streamOptionsOf = ({ audio, audioSigner, grants }: AppOptions): StreamOptions => ({
  audio,
  signer: audioSigner,
  grantFor: createGrantFor(grants),
});

/** Asks for the grant of a request: at once where its token was checked before, since a promise costs a range its time. */
const createGrantFor =
  (grants: StreamGrants): StreamOptions["grantFor"] =>
  (request) => {
    const { songId } = request.params;
    const wish = wishOf(request.query);
    const listener = request.identify();
    return listener instanceof Promise
      ? listener.then((identified) => grants.grant(identified, songId, wish))
      : grants.grant(listener, songId, wish);
  };

/** Covers, for those who are signed in. */
const covers: FastifyPluginAsync<AppOptions> = async (fastify, { audio, findCover }) => {
  fastify.addHook("onRequest", async (request) => void (await request.identify()));
  fastify.register(coverRoutes, { audio, findCover });
};

/** Pages, which alone need to be told what they may load: a range of audio is lighter without it. */
const pages: FastifyPluginAsync<AppOptions> = async (fastify, options) => {
  const { web, transports, audioSigner, clientFolder } = options;
  await fastify.register(securityHeaders, {
    secure: web.cookies.secure,
    origins: web.allowedOrigins,
    liveUrls: transports.map(({ url }) => url),
    mediaOrigins: audioSigner ? [await audioSigner.origin()] : [],
  });
  fastify.register(referenceRoutes);
  fastify.register(client, { folder: clientFolder });
};
