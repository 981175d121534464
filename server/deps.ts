import { uptime } from "node:os";
import { ulid } from "ulid";
import { createAccountStore } from "../core/aws/account-store.ts";
import { backoff } from "../core/aws/backoff.ts";
import { createDatabase, createS3Client } from "../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig, s3Config } from "../core/aws/config.ts";
import { createConnectionStore } from "../core/aws/connection-store.ts";
import { createEndpointStore } from "../core/aws/endpoint-store.ts";
import { gatewayEndpointId } from "../core/aws/live-config.ts";
import { createObjectSigner } from "../core/aws/object-signer.ts";
import { createObjectStore } from "../core/aws/object-store.ts";
import { createPlaybackStore } from "../core/aws/playback-store.ts";
import { createSessionStore } from "../core/aws/session-store.ts";
import { createSongStore } from "../core/aws/song-store.ts";
import { createStreamSlotStore } from "../core/aws/stream-slot-store.ts";
import { createSubscriptionStore } from "../core/aws/subscription-store.ts";
import { createTicketStore } from "../core/aws/ticket-store.ts";
import {
  authenticateSession,
  sessionAndAccount,
  sessionsAlive,
} from "../core/domain/accounts/authentication.ts";
import { readPublicKeys, readWebConfig } from "../core/domain/accounts/config.ts";
import { redeemTicket } from "../core/domain/accounts/tickets.ts";
import { createTokenVerifier } from "../core/domain/accounts/tokens.ts";
import { createHoldBack } from "../core/domain/entitlement/hold-back.ts";
import { createLeases } from "../core/domain/live/cluster/leases.ts";
import { countElsewhere } from "../core/domain/live/protocol/connection-limit.ts";
import { readTransports } from "../core/domain/live/protocol/transports.ts";
import type { Clock, Environment, Log } from "../core/domain/ports.ts";
import type { ObjectReader } from "../core/domain/shared/object-store.ts";
import type { AppOptions } from "./app.ts";
import type { ServerConfig } from "./config.ts";
import { blockBytes, createBlockCache } from "./delivery/block-cache.ts";
import { openDiskCache } from "./delivery/disk-cache.ts";
import { createAudioReader } from "./delivery/range-reader.ts";
import { createHeldSlots } from "./entitlement/held-slots.ts";
import { createSongCache } from "./entitlement/song-cache.ts";
import { createStreamGrants } from "./entitlement/stream-grants.ts";
import { createLiveNode, type LiveNode } from "./live/node.ts";
import { createAccountLoader, createAliveEndpoints, createSessionLoader } from "./loaders.ts";

export type ServerDeps = { readonly app: AppOptions; readonly live: LiveNode };

/** Keeps what is read on disk where the configuration names a folder. */
async function withDisk(source: ObjectReader, config: ServerConfig, log: Log): Promise<ObjectReader> {
  const { audioCacheDir: folder, audioCacheDiskBytes: maxBytes } = config;
  return folder ? openDiskCache({ source, folder, maxBytes, blockBytes, log }) : source;
}

/** How long a URL of S3 is good: a song may be paused, and goes on by a new one where it was longer. */
const redirectSeconds = 15 * 60;

const clock: Clock = { now: () => new Date() };

/** Goes on while a machine sleeps, as the clocks of those who judge its lease do; resolves 10 ms. */
const uptimeMs = () => uptime() * 1000;

/** Everything a node is made of, from an environment. */
export async function serverDeps(env: Environment, config: ServerConfig, log: Log): Promise<ServerDeps> {
  const { tablePrefix, bucket } = readAwsConfig(env);
  const database = createDatabase(tablePrefix, dynamoDbConfig(env));
  const publicKeys = readPublicKeys(env);
  const sessions = createSessionStore(database);
  const tickets = createTicketStore(database);
  const endpoints = createEndpointStore(database);
  const identity = { tokens: createTokenVerifier(publicKeys, clock), sessions, tickets, clock };

  const sessionLoader = createSessionLoader(sessions);
  const signedIn = {
    accounts: createAccountLoader(createAccountStore(database)),
    sessions: sessionLoader,
    clock,
  };

  const leases = createLeases({ clock, elapsedMs: uptimeMs });
  const connections = createConnectionStore(database, clock);
  const aliveEndpoints = createAliveEndpoints(endpoints, leases);
  const live = createLiveNode({
    connections,
    endpoints,
    playback: createPlaybackStore(database),
    subscriptions: createSubscriptionStore(database),
    aliveSessions: (sessionIds) => sessionsAlive({ sessions, clock }, sessionIds),
    newId: ulid,
    clock,
    elapsedMs: uptimeMs,
    leases,
    log,
  });
  const slots = createHeldSlots({
    slots: createStreamSlotStore(database),
    aliveEndpoints,
    endpointId: live.endpointId,
    loadEntitlement: async (listener) => {
      const { session, account } = await sessionAndAccount(signedIn, listener);
      return { plan: account.plan, deviceName: session.deviceName };
    },
    onAccountEvent: live.events.onAccountEvent,
    isHeldBack: createHoldBack({ clock, elapsedMs: uptimeMs }),
    backoff,
    clock,
    log,
    elapsedMs: () => performance.now(),
  });
  const { onSongEvent } = live.events;
  const songs = createSongCache({ read: createSongStore(database).get, onSongEvent });
  const s3 = createS3Client(s3Config(env));
  const store = createObjectStore({ client: s3, bucket });
  const source = await withDisk(store, config, log);
  const audioSigner =
    config.audioDelivery === "redirect" ? createObjectSigner(s3, bucket, redirectSeconds) : undefined;

  return {
    live,
    app: {
      web: readWebConfig(env),
      publicKeys,
      transports: readTransports(env),
      clientFolder: config.clientFolder,
      hub: live.hub,
      handshake: {
        authenticate: (token) => authenticateSession({ ...identity, sessions: sessionLoader }, token),
        redeemTicket: (ticket) => redeemTicket(identity, ticket),
        connectionsElsewhere: async (userId) => {
          const [found, serving] = await Promise.all([connections.ofUser(userId), aliveEndpoints()]);
          const isServing = (id: string) => id === gatewayEndpointId || serving.has(id);
          return countElsewhere(found.connections, live.endpointId(), isServing);
        },
      },
      audio: createAudioReader(createBlockCache({ source, maxBytes: config.audioCacheBytes })),
      audioSigner,
      grants: createStreamGrants({ slots, songs, onSongEvent, log }),
      slots,
      findCover: async (songId) => (await songs.get(songId))?.cover,
      // Without its table of endpoints a node can register nobody, so it is not to get anybody either.
      ready: async () => void (await endpoints.list()),
    },
  };
}
