import { ulid } from "ulid";
import { sessionsAlive } from "../../core/domain/accounts/authentication.ts";
import { readPublicKeys, readWebConfig } from "../../core/domain/accounts/config.ts";
import { createLeases, type Leases } from "../../core/domain/live/cluster/leases.ts";
import { readTransports } from "../../core/domain/live/protocol/transports.ts";
import type { Environment, Log } from "../../core/domain/ports.ts";
import { systemClock as clock } from "../../core/domain/shared/system-clock.ts";
import type { AppOptions } from "../app.ts";
import type { ServerConfig } from "../config.ts";
import { createLiveNode, type LiveNode } from "../live/node.ts";
import { createDelivery } from "./delivery.ts";
import { createEntitlement } from "./entitlement.ts";
import { handshakeDeps } from "./handshake.ts";
import { createAccountLoader, createAliveEndpoints, createSessionLoader } from "./loaders.ts";
import { machineUptimeMs } from "./machine-uptime.ts";
import { createStores, type Stores } from "./stores.ts";

export type ServerDeps = { readonly app: AppOptions; readonly live: LiveNode };

/** Everything a node is made of, from an environment. */
export async function serverDeps(env: Environment, config: ServerConfig, log: Log): Promise<ServerDeps> {
  const stores = createStores(env);
  const loaders = {
    accounts: createAccountLoader(stores.accounts),
    sessions: createSessionLoader(stores.sessions),
  };
  const publicKeys = readPublicKeys(env);
  const leases = createLeases({ clock, elapsedMs: machineUptimeMs });
  const aliveEndpoints = createAliveEndpoints(stores.endpoints, leases);
  const live = createLive(stores, leases, log);
  const { endpointId, hub } = live;
  const { slots, songs, grants } = createEntitlement({ stores, loaders, live, aliveEndpoints, log });

  return {
    live,
    app: {
      web: readWebConfig(env),
      publicKeys,
      transports: readTransports(env),
      clientFolder: config.clientFolder,
      hub,
      handshake: handshakeDeps({
        stores,
        sessionLoader: loaders.sessions,
        publicKeys,
        endpointId,
        aliveEndpoints,
      }),
      ...(await createDelivery(env, config, log)),
      grants,
      slots,
      findCover: async (songId) => (await songs.get(songId))?.cover,
      // Without its table of endpoints a node can register nobody, so it is not to get anybody either.
      ready: async () => void (await stores.endpoints.list()),
    },
  };
}

/** The live side of the node. */
const createLive = (stores: Stores, leases: Leases, log: Log): LiveNode =>
  createLiveNode({
    connections: stores.connections,
    endpoints: stores.endpoints,
    playback: stores.playback,
    subscriptions: stores.subscriptions,
    aliveSessions: (sessionIds) => sessionsAlive({ sessions: stores.sessions, clock }, sessionIds),
    newId: ulid,
    clock,
    elapsedMs: machineUptimeMs,
    leases,
    log,
  });
