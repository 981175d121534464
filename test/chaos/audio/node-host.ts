import fastify from "fastify";
import { createAccountStore } from "../../../core/aws/account-store.ts";
import { backoff } from "../../../core/aws/backoff.ts";
import { createDatabase, createS3Client } from "../../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig, s3Config } from "../../../core/aws/config.ts";
import { createEndpointStore } from "../../../core/aws/endpoint-store.ts";
import { createObjectStore } from "../../../core/aws/object-store.ts";
import { createSessionStore } from "../../../core/aws/session-store.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import { createStreamSlotStore } from "../../../core/aws/stream-slot-store.ts";
import { sessionAndAccount } from "../../../core/domain/accounts/authentication.ts";
import { readPublicKeys } from "../../../core/domain/accounts/config.ts";
import { createTokenVerifier } from "../../../core/domain/accounts/tokens.ts";
import { createHoldBack } from "../../../core/domain/entitlement/hold-back.ts";
import { createLeases } from "../../../core/domain/live/cluster/leases.ts";
import type { Environment } from "../../../core/domain/ports.ts";
import { createBlockCache } from "../../../server/delivery/block-cache.ts";
import { retryPolicy } from "../../../server/delivery/fill.ts";
import { createAudioReader } from "../../../server/delivery/range-reader.ts";
import {
  createAccountLoader,
  createAliveEndpoints,
  createSessionLoader,
} from "../../../server/deps/loaders.ts";
import { createHeldSlots } from "../../../server/entitlement/held-slots.ts";
import { createSongCache } from "../../../server/entitlement/song-cache.ts";
import { createStreamGrants } from "../../../server/entitlement/stream-grants.ts";
import { authentication } from "../../../server/plugins/authentication.ts";
import { problemDocuments } from "../../../server/plugins/problems.ts";
import { streamRoutes, wishOf } from "../../../server/routes/stream.ts";
import { elapsed, silent, startLiveNode, systemClock } from "../../support/live-node.ts";
import type { NodeReady } from "../world/node.ts";
import { type AudioDefence, audioSwitchOf } from "./defences.ts";

/** A process that is the audio side of a server node: drains on SIGTERM, and is killed at any moment. */
export type AudioNodeSettings = { readonly env: Environment; readonly off?: AudioDefence | undefined };

process.once("message", async ({ env, off }: AudioNodeSettings) => {
  const hooks = audioSwitchOf(off);
  const { tablePrefix, bucket } = readAwsConfig(env);
  const database = createDatabase(tablePrefix, dynamoDbConfig(env));
  const endpoints = createEndpointStore(database);
  const signedIn = {
    accounts: createAccountLoader(createAccountStore(database)),
    sessions: createSessionLoader(createSessionStore(database)),
    clock: systemClock,
  };
  const publicKeys = readPublicKeys(env);
  const tokens = createTokenVerifier(publicKeys, systemClock);
  const { live, stop } = await startLiveNode({ database, tokens, secret: String(env.MANAGEMENT_SECRET) });

  const leases = createLeases({ clock: systemClock, elapsedMs: elapsed });
  const slotDeps = {
    slots: createStreamSlotStore(database),
    aliveEndpoints: createAliveEndpoints(endpoints, leases),
    endpointId: live.endpointId,
    loadEntitlement: async (listener: Parameters<typeof sessionAndAccount>[1]) => {
      const { session, account } = await sessionAndAccount(signedIn, listener);
      return { plan: account.plan, deviceName: session.deviceName };
    },
    onAccountEvent: live.events.onAccountEvent,
    // A minute in life.
    recheckMs: 5_000,
    isHeldBack: createHoldBack({ clock: systemClock, elapsedMs: elapsed }),
    backoff,
    clock: systemClock,
    elapsedMs: elapsed,
    log: silent,
  };
  const slots = createHeldSlots(hooks.slots?.(slotDeps, database) ?? slotDeps);
  const { onSongEvent } = live.events;
  const songs = createSongCache({ read: createSongStore(database).get, onSongEvent });
  const grantDeps = { slots, songs, onSongEvent, log: silent };
  const grants = createStreamGrants(hooks.grants?.(grantDeps) ?? grantDeps);
  const store = createObjectStore({ client: createS3Client(s3Config(env)), bucket });
  const etagOf = async (key: string) => (await store.head(key))?.etag ?? "";
  const cache = createBlockCache({
    source: hooks.source?.(store, etagOf) ?? store,
    maxBytes: 8 * 2 ** 20,
    policy: { ...retryPolicy, timeoutMs: 300, ...hooks.policy },
  });

  const app = fastify({ forceCloseConnections: true });
  hooks.app?.(app);
  await app.register(problemDocuments);
  await app.register(authentication, { publicKeys, cookies: { secure: false } });
  app.addHook("preClose", slots.close);
  app.register(streamRoutes, {
    audio: createAudioReader(cache),
    grantFor: async (request) =>
      grants.grant(await request.identify(), request.params.songId, wishOf(request.query)),
  });
  const url = await app.listen({ host: "127.0.0.1", port: 0 });
  process.once("SIGTERM", async () => {
    if (hooks.restart !== "cut") {
      await app.close();
      await stop();
    }
    process.exit(0);
  });
  process.send?.({ port: Number(new URL(url).port) } satisfies NodeReady);
});
