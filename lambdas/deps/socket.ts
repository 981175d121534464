import { ulid } from "ulid";
import { connectionsApiFor, readGateway } from "../../core/aws/live-config.ts";
import { createPlaybackStore } from "../../core/aws/playback-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { createSubscriptionStore } from "../../core/aws/subscription-store.ts";
import { sessionsAlive } from "../../core/domain/accounts/authentication.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import { headOf, resume } from "../../core/domain/subscriptions/resume.ts";
import type { SocketDeps } from "../websocket/socket.ts";
import { connectionsDeps } from "./connections.ts";
import { jsonLog } from "./json-log.ts";
import { databaseFor } from "./stores.ts";

export function socketDeps(env: Environment): SocketDeps {
  const database = databaseFor(env);
  const gateway = readGateway(env);
  if (!gateway) throw new Error("GATEWAY_MANAGEMENT_ENDPOINT must be set");
  const playback = createPlaybackStore(database);
  const reader = { subscriptions: createSubscriptionStore(database), newId: ulid };
  const sessions = { sessions: createSessionStore(database), clock: systemClock };
  const { connections, registry } = connectionsDeps(env, database);
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
