import { type Leases, renewEveryMs } from "../../core/domain/live/cluster/leases.ts";
import type { ConnectionStore, EndpointStore } from "../../core/domain/live/cluster/ports.ts";
import { createRowWriter } from "../../core/domain/live/cluster/row-writer.ts";
import { sweepDeadEndpoints } from "../../core/domain/live/cluster/sweep.ts";
import type { PlaybackStore } from "../../core/domain/live/protocol/ports.ts";
import type { Clock, ElapsedMs, Log } from "../../core/domain/ports.ts";
import { createDataLoader } from "../../core/domain/shared/data-loader.ts";
import type { SubscriptionReaderDeps } from "../../core/domain/subscriptions/ports.ts";
import { headOf, resume } from "../../core/domain/subscriptions/resume.ts";
import { type CatalogueBroadcastOptions, createCatalogueBroadcast } from "./catalogue-broadcast.ts";
import { createConnectionWriter } from "./connection-writer.ts";
import type { FloodLimits } from "./flood.ts";
import {
  createHeartbeatWheel,
  type HeartbeatWheelDeps,
  type HeartbeatWheelOptions,
} from "./heartbeat-wheel.ts";
import { createHub, type Hub } from "./hub.ts";
import { createNodeEvents, type NodeEvents } from "./node-events.ts";
import { createRegistration } from "./registration.ts";
import { repeat } from "./repeat.ts";
import { createStats } from "./stats.ts";

export type LiveNodeDeps = SubscriptionReaderDeps & {
  readonly connections: ConnectionStore;
  readonly endpoints: EndpointStore;
  readonly playback: PlaybackStore;
  readonly aliveSessions: HeartbeatWheelDeps["aliveSessions"];
  readonly clock: Clock;
  readonly elapsedMs: ElapsedMs;
  readonly leases: Leases;
  readonly log: Log;
};

export type LiveNodeOptions = HeartbeatWheelOptions & {
  readonly heartbeatSeconds?: number;
  /** How long a connection may have a backlog, in milliseconds. */
  readonly slowTimeoutMs?: number;
  /** How much a client may send. */
  readonly flood?: FloodLimits;
  readonly tickMs?: number;
  readonly renewMs?: number;
  readonly sweepMs?: number;
  readonly catalogue?: CatalogueBroadcastOptions;
};

/** The live side of a server process. */
export type LiveNode = {
  readonly hub: Hub;
  readonly events: NodeEvents;
  /** Under which id this process is registered just now. */
  endpointId(): string;
  /** Registers the process, whose management API others reach at `address`; to be awaited before the first socket. */
  start(address: string): Promise<void>;
  /** Deregisters it; to be called when its connections are drained. */
  stop(): Promise<void>;
};

/**
 * Concurrent reads and writes of connections wait this long for each other (`windowMs`), and go as one request. It is
 * also long enough for `hello` to come while the row of its connection still waits: then one write is both.
 */
const batching = { windowMs: 10, maxKeys: 100 };

export function createLiveNode(deps: LiveNodeDeps, options: LiveNodeOptions = {}): LiveNode {
  const { connections, endpoints, playback, clock, log } = deps;
  const { tickMs = 1_000, renewMs = renewEveryMs, sweepMs = 30_000, heartbeatSeconds = 30 } = options;
  const stats = createStats();
  const events = createNodeEvents();
  const rows = createRowWriter(connections, batching);
  const loadHead = createDataLoader((userIds: readonly string[]) => headOf(deps, userIds), batching);
  const loadPlayback = createDataLoader(playback.getMany, batching);
  const { slowTimeoutMs } = options;
  const writer = createConnectionWriter(
    { stats, headOf: loadHead },
    slowTimeoutMs ? { timeoutMs: slowTimeoutMs } : {},
  );
  const wheel = createHeartbeatWheel({ ...deps, writer, stats, headOf: loadHead }, options);
  const registration = createRegistration({
    endpoints,
    clock,
    elapsedMs: deps.elapsedMs,
    log,
    onLost: () => {
      for (const connection of hub.all()) writer.end(connection, "draining", Math.random() * 5);
    },
  });
  const hub = createHub({
    rows,
    writer,
    wheel,
    stats,
    events,
    clock,
    log,
    heartbeatSeconds,
    ...(options.flood && { flood: options.flood }),
    endpointId: registration.endpointId,
    headOf: loadHead,
    resume: (request) => resume(deps, request),
    playback: { take: playback.take, get: loadPlayback },
  });
  const broadcast = createCatalogueBroadcast(
    { connections: () => hub.all(), send: writer.send },
    options.catalogue,
  );
  events.onCatalogueEvent(({ songId }) => broadcast.changed(songId));
  const sweep = () =>
    sweepDeadEndpoints(deps).catch((error) => log.warn({ err: error }, "Dead endpoints could not be swept"));
  let stops: readonly (() => Promise<void>)[] = [];

  return {
    hub,
    events,
    endpointId: registration.endpointId,
    async start(address) {
      await registration.register(address);
      stops = [
        repeat(() => tickMs, wheel.tick),
        repeat(() => renewMs, registration.renew),
        repeat(() => sweepMs * (0.5 + Math.random()), sweep),
      ];
    },
    async stop() {
      broadcast.stop();
      await Promise.all(stops.map((stop) => stop()));
      await rows.settled();
      await registration.deregister();
    },
  };
}
