import fastify from "fastify";
import { ulid } from "ulid";
import type { Database } from "../../core/aws/clients.ts";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { createPlaybackStore } from "../../core/aws/playback-store.ts";
import { createSessionStore } from "../../core/aws/session-store.ts";
import { createSubscriptionStore } from "../../core/aws/subscription-store.ts";
import { createTicketStore } from "../../core/aws/ticket-store.ts";
import { authenticateSession, sessionsAlive } from "../../core/domain/accounts/authentication.ts";
import { redeemTicket } from "../../core/domain/accounts/tickets.ts";
import type { TokenVerifier } from "../../core/domain/accounts/tokens.ts";
import { createLeases } from "../../core/domain/live/cluster/leases.ts";
import { countElsewhere } from "../../core/domain/live/protocol/connection-limit.ts";
import type { Clock, ElapsedMs, Log } from "../../core/domain/ports.ts";
import { createSessionLoader } from "../../server/deps/loaders.ts";
import { createMetrics } from "../../server/live/metrics.ts";
import { createLiveNode, type LiveNodeDeps, type LiveNodeOptions } from "../../server/live/node.ts";
import { createManagement } from "../../server/management.ts";
import { problemDocuments } from "../../server/plugins/problems.ts";
import { liveRoutes } from "../../server/routes/live.ts";
import { livePath, upgradesOnlyAt } from "../../server/upgrades.ts";

export const silent: Log = { info: () => {}, warn: () => {}, error: () => {} };
export const systemClock: Clock = { now: () => new Date() };
export const elapsed: ElapsedMs = () => performance.now();
export const allowedOrigin = "http://127.0.0.1:8080";

export type TestNodeOptions = LiveNodeOptions & {
  readonly database: Database;
  readonly tokens: TokenVerifier;
  readonly secret: string;
  readonly clock?: Clock;
  readonly elapsedMs?: ElapsedMs;
  /** Changes what the node's live side is made of, to take a defence away. */
  readonly wrap?: (deps: LiveNodeDeps) => LiveNodeDeps;
};

/** The live side of a server node on free ports, with the management API that pushes come by. */
export async function startLiveNode(options: TestNodeOptions) {
  const {
    database,
    tokens,
    secret,
    clock = systemClock,
    elapsedMs = elapsed,
    wrap = (deps) => deps,
  } = options;
  const sessions = createSessionStore(database);
  const checks = { sessions, clock: systemClock };
  const sessionLoader = createSessionLoader(sessions);
  const live = createLiveNode(
    wrap({
      connections: createConnectionStore(database, systemClock),
      endpoints: createEndpointStore(database),
      playback: createPlaybackStore(database),
      subscriptions: createSubscriptionStore(database),
      aliveSessions: (ids) => sessionsAlive(checks, ids),
      newId: ulid,
      clock,
      elapsedMs,
      leases: createLeases({ clock, elapsedMs }),
      log: silent,
    }),
    options,
  );
  const management = createManagement({ hub: live.hub, metrics: createMetrics(live.hub), secret });
  const address = await management.listen({ host: "127.0.0.1", port: 0 });
  await live.start(address);
  const app = fastify({ http: upgradesOnlyAt([livePath]) });
  await app.register(problemDocuments);
  const tickets = { tickets: createTicketStore(database), sessions, clock: systemClock };
  app.register(liveRoutes, {
    hub: live.hub,
    cookies: { secure: false },
    allowedOrigins: [allowedOrigin],
    authenticate: (token) =>
      authenticateSession({ tokens, sessions: sessionLoader, clock: systemClock }, token),
    redeemTicket: (ticket) => redeemTicket(tickets, ticket),
    connectionsElsewhere: async (userId) => {
      const { connections } = await createConnectionStore(database, systemClock).ofUser(userId);
      return countElsewhere(connections, live.endpointId(), () => true);
    },
    drain: { spreadSeconds: 1, graceMs: 500 },
  });
  const base = await app.listen({ host: "127.0.0.1", port: 0 });
  let stopped = false;
  const stop = async () => {
    if (stopped) return;
    stopped = true;
    await app.close();
    await live.stop();
    await management.close();
  };
  return { live, app, management, address, base, url: `${base.replace("http", "ws")}/live`, stop };
}
