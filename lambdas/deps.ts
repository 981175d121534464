import { setTimeout as wait } from "node:timers/promises";
import { ulid } from "ulid";
import { createAccountStore } from "../core/aws/account-store.ts";
import { createAuditLog } from "../core/aws/audit-store.ts";
import { backoff } from "../core/aws/backoff.ts";
import { createDatabase, createS3Client, type Database } from "../core/aws/clients.ts";
import { dynamoDbConfig, type Environment, readAwsConfig, s3Config } from "../core/aws/config.ts";
import { createConnectionStore } from "../core/aws/connection-store.ts";
import { createCounterStore } from "../core/aws/counter-store.ts";
import { createEndpointStore } from "../core/aws/endpoint-store.ts";
import { connectionsApiFor, readGateway } from "../core/aws/live-config.ts";
import { createMultipartStore } from "../core/aws/multipart-store.ts";
import { createObjectLister, createObjectStore } from "../core/aws/object-store.ts";
import { createPlaybackStore } from "../core/aws/playback-store.ts";
import { createSearchIndexWriter, createSongSearch } from "../core/aws/search-index-store.ts";
import { createSessionStore } from "../core/aws/session-store.ts";
import { createSongStore } from "../core/aws/song-store.ts";
import { createSubscriptionCloser } from "../core/aws/subscription-closer.ts";
import { createSubscriptionStore } from "../core/aws/subscription-store.ts";
import { createTicketStore } from "../core/aws/ticket-store.ts";
import { createUploadStore } from "../core/aws/upload-store.ts";
import { authenticate, authenticateSession, sessionsAlive } from "../core/domain/accounts/authentication.ts";
import {
  readPublicKeys,
  readThrottleLimits,
  readTokenConfig,
  readWebConfig,
} from "../core/domain/accounts/config.ts";
import { createPasswordHasher } from "../core/domain/accounts/passwords.ts";
import { createRateLimiter } from "../core/domain/accounts/rate-limiter.ts";
import { redeemTicket } from "../core/domain/accounts/tickets.ts";
import { createTokenSigner, createTokenVerifier } from "../core/domain/accounts/tokens.ts";
import type { CatalogueDeps } from "../core/domain/catalogue/songs.ts";
import { createLeases } from "../core/domain/live/cluster/leases.ts";
import { createRegistry } from "../core/domain/live/cluster/registry.ts";
import { readTransports } from "../core/domain/live/protocol/transports.ts";
import { createPushDispatcher } from "../core/domain/live/push/dispatcher.ts";
import type { OpsDeps } from "../core/domain/ops/deps.ts";
import type { Clock, Log } from "../core/domain/ports.ts";
import { closeAccount } from "../core/domain/subscriptions/close.ts";
import type { SubscriptionDeps } from "../core/domain/subscriptions/ports.ts";
import { headOf, resume } from "../core/domain/subscriptions/resume.ts";
import { createOutcomeWaiter } from "../core/domain/uploads/await-outcome.ts";
import type { ProcessDeps } from "../core/domain/uploads/deps.ts";
import type { CoverDeps } from "../core/domain/uploads/put-cover.ts";
import { readUploadQuota } from "../core/domain/uploads/quota.ts";
import { createAudioInspector } from "./audio/inspect.ts";
import type { AuthDeps } from "./auth.ts";
import type { DocsDeps } from "./docs.ts";
import type { HttpDeps } from "./http/handler.ts";
import { coverResizer } from "./images/covers.ts";
import type { IndexMusicDeps } from "./index-music.ts";
import type { LiveDeps } from "./live.ts";
import type { PushHandlerDeps } from "./push.ts";
import type { SocketDeps } from "./socket.ts";
import type { SocketAuthorizerDeps } from "./socket-authorizer.ts";
import type { SweepObjectsDeps } from "./sweep-objects.ts";
import type { UploadsDeps } from "./uploads.ts";

/**
 * Builds what the handlers of each area need, from an environment: one exported function an area, so that a
 * bundle holds nothing that its handler does not use. A function is called once a process (see `onFirstCall`).
 */
export const databaseFor = (env: Environment): Database =>
  createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));

const storageFor = (env: Environment) => ({
  s3: createS3Client(s3Config(env)),
  bucket: readAwsConfig(env).bucket,
});

/** What every REST function needs; functions other than sign-in know the public keys only. */
function httpDeps(env: Environment, database: Database): HttpDeps {
  const session = {
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    tokens: createTokenVerifier(readPublicKeys(env), systemClock),
    clock: systemClock,
  };
  const { user, stranger } = readThrottleLimits(env);
  return {
    ...readWebConfig(env),
    authenticate: (accessToken) => authenticate(session, accessToken),
    rates: { user: createRateLimiter(user, uptimeMs), stranger: createRateLimiter(stranger, uptimeMs) },
    log: jsonLog,
  };
}

const uptimeMs = () => performance.now();

export function authDeps(env: Environment): AuthDeps {
  const database = databaseFor(env);
  const closer = {
    subscriptions: createSubscriptionCloser(database),
    newId: ulid,
    clock: systemClock,
  };
  return {
    ...httpDeps(env, database),
    accounts: createAccountStore(database),
    sessions: createSessionStore(database),
    counters: createCounterStore(database),
    audit: createAuditLog(database, systemClock),
    passwords: createPasswordHasher(),
    tokens: createTokenSigner(readTokenConfig(env), systemClock),
    limits: readThrottleLimits(env),
    clock: systemClock,
    newId: ulid,
    closeAccount: (userId) => closeAccount(closer, userId),
  };
}

export function catalogueDeps(env: Environment): HttpDeps & CatalogueDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  return {
    ...httpDeps(env, database),
    songs: createSongStore(database),
    search: createSongSearch({ database, s3, bucket, clock: systemClock }),
    objects: createObjectStore({ client: s3, bucket }),
  };
}

export function subscriptionsDeps(env: Environment): HttpDeps & SubscriptionDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    subscriptions: createSubscriptionStore(database),
    accounts: createAccountStore(database),
    songs: createSongStore(database),
    clock: systemClock,
    newId: () => ulid(),
    backoff,
  };
}

/**
 * `PARTS_ENDPOINT_URL`: where those who send parts reach the bucket, if not at the address that this process uses. In AWS
 * they send straight to S3.
 */
const partSignerFor = (env: Environment) =>
  env.PARTS_ENDPOINT_URL ? createS3Client({ ...s3Config(env), endpoint: env.PARTS_ENDPOINT_URL }) : undefined;

/** A laptop's calls are waited for in one process; more than so many are answered at once, and asked for again. */
const outcomesAtOnce = 64;

export function uploadsDeps(env: Environment): UploadsDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  const uploads = createUploadStore(database, systemClock);
  return {
    ...httpDeps(env, database),
    uploads,
    awaitOutcome: createOutcomeWaiter({
      uploads,
      waitMs: 15_000,
      maxWaiting: outcomesAtOnce,
      pause: (ms) => wait(ms),
    }),
    multipart: createMultipartStore(s3, bucket, partSignerFor(env)),
    objects: createObjectStore({ client: s3, bucket }),
    songs: createSongStore(database),
    counters: createCounterStore(database),
    bytesPerDay: readUploadQuota(env),
    clock: systemClock,
    newId: ulid,
  };
}

export function coversDeps(env: Environment): HttpDeps & CoverDeps {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  return {
    ...httpDeps(env, database),
    songs: createSongStore(database),
    objects: createObjectStore({ client: s3, bucket }),
    covers: coverResizer,
    newId: ulid,
  };
}

/** `close` ends what is being looked into; it is processed again when its record is delivered again. */
export function processUploadsDeps(env: Environment): ProcessDeps & { close(): Promise<void> } {
  const database = databaseFor(env);
  const { s3, bucket } = storageFor(env);
  const inspector = createAudioInspector();
  return {
    uploads: createUploadStore(database, systemClock),
    multipart: createMultipartStore(s3, bucket),
    objects: createObjectStore({ client: s3, bucket }),
    songs: createSongStore(database),
    inspector,
    covers: coverResizer,
    clock: systemClock,
    log: jsonLog,
    newId: ulid,
    close: inspector.close,
  };
}

/** `PUBLIC_URL`: where clients find this API. */
export const docsDeps = (env: Environment): HttpDeps & DocsDeps => ({
  ...httpDeps(env, databaseFor(env)),
  publicUrl: env.PUBLIC_URL ?? "/",
});

export const indexMusicDeps = (env: Environment): IndexMusicDeps => ({
  index: createSearchIndexWriter({ database: databaseFor(env), ...storageFor(env), clock: systemClock }),
});

export function sweepObjectsDeps(env: Environment): SweepObjectsDeps {
  const { s3, bucket } = storageFor(env);
  const bucketed = { client: s3, bucket };
  return {
    objects: { ...createObjectLister(bucketed), delete: createObjectStore(bucketed).delete },
    songs: createSongStore(databaseFor(env)),
    clock: systemClock,
    log: jsonLog,
  };
}

export function liveDeps(env: Environment): HttpDeps & LiveDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    tickets: createTicketStore(database),
    ticketRate: createRateLimiter(readThrottleLimits(env).tickets, uptimeMs),
    transports: readTransports(env),
    clock: systemClock,
  };
}

export function opsDeps(env: Environment): HttpDeps & OpsDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    ...reachDeps(env, database),
    sessions: createSessionStore(database),
    audit: createAuditLog(database, systemClock),
  };
}

export function pushDeps(env: Environment): PushHandlerDeps {
  const { tablePrefix } = readAwsConfig(env);
  return { ...reachDeps(env, databaseFor(env)), tablePrefix };
}

/** The way to everybody's connections. */
function reachDeps(env: Environment, database: Database) {
  const gateway = readGateway(env);
  const endpoints = createEndpointStore(database);
  const clock = systemClock;
  const elapsedMs = () => performance.now();
  const log = jsonLog;
  return {
    connections: createConnectionStore(database, clock),
    registry: createRegistry({
      endpoints,
      elapsedMs,
      leases: createLeases({ clock, elapsedMs }),
      fixed: gateway ? [gateway] : [],
    }),
    dispatcher: createPushDispatcher({ api: connectionsApiFor(env), elapsedMs, log, pause: backoff }),
    clock,
    log,
  };
}

export function socketAuthorizerDeps(env: Environment): SocketAuthorizerDeps {
  const database = databaseFor(env);
  const deps = {
    tokens: createTokenVerifier(readPublicKeys(env), systemClock),
    sessions: createSessionStore(database),
    tickets: createTicketStore(database),
    clock: systemClock,
  };
  return {
    ...readWebConfig(env),
    authenticate: (accessToken) => authenticateSession(deps, accessToken),
    redeemTicket: (ticket) => redeemTicket(deps, ticket),
    log: jsonLog,
  };
}

export function socketDeps(env: Environment): SocketDeps {
  const database = databaseFor(env);
  const gateway = readGateway(env);
  if (!gateway) throw new Error("GATEWAY_MANAGEMENT_ENDPOINT must be set");
  const playback = createPlaybackStore(database);
  const reader = { subscriptions: createSubscriptionStore(database), newId: ulid };
  const sessions = { sessions: createSessionStore(database), clock: systemClock };
  const { connections, registry } = reachDeps(env, database);
  return {
    connections,
    registry,
    api: connectionsApiFor(env),
    gateway,
    aliveSessions: (sessionIds) => sessionsAlive(sessions, sessionIds),
    headOf: async (userId) => (await headOf(reader, [userId])).get(userId),
    resume: (request) => resume(reader, request),
    playback: {
      take: playback.take,
      get: async (userId) => (await playback.getMany([userId])).get(userId),
    },
    clock: systemClock,
    log: jsonLog,
  };
}

export const systemClock: Clock = { now: () => new Date() };

/** One JSON line a message, which CloudWatch Logs can search. */
export const jsonLog: Log = {
  info: (fields, message) => write("info", fields, message),
  warn: (fields, message) => write("warn", fields, message),
  error: (fields, message) => write("error", fields, message),
};

function write(level: string, { err, ...fields }: Record<string, unknown>, message: string): void {
  const error = err instanceof Error ? { name: err.name, message: err.message, stack: err.stack } : err;
  process.stdout.write(
    `${JSON.stringify({ level, message, ...fields, ...(err !== undefined && { error }) })}\n`,
  );
}

/**
 * Lambda's entry: builds the handler from the process's environment at the first call and keeps it, so that
 * importing a handler file has no effect of its own.
 */
export function onFirstCall<D, A extends unknown[], R>(
  create: (deps: D) => (...args: A) => R,
  depsFor: (env: Environment) => D,
): (...args: A) => R {
  let handler: ((...args: A) => R) | undefined;
  return (...args) => {
    handler ??= create(depsFor(process.env));
    return handler(...args);
  };
}
