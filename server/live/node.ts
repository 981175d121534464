import { type Leases, renewEveryMs } from "../../core/domain/live/cluster/leases.ts";
import type { ConnectionStore, EndpointStore } from "../../core/domain/live/cluster/ports.ts";
import { createRowWriter } from "../../core/domain/live/cluster/row-writer.ts";
import { sweepDeadEndpoints } from "../../core/domain/live/cluster/sweep.ts";
import { createLoader } from "../../core/domain/live/loader.ts";
import type { PlaybackStore } from "../../core/domain/live/protocol/ports.ts";
import type { Clock, ElapsedMs, Log } from "../../core/domain/ports.ts";
import type { SubscriptionReaderDeps } from "../../core/domain/subscriptions/ports.ts";
import { headOf, resume } from "../../core/domain/subscriptions/resume.ts";
import { type CatalogueBroadcastOptions, createCatalogueBroadcast } from "./catalogue-broadcast.ts";
import type { FloodLimits } from "./flood.ts";
import { createHub, type Hub } from "./hub.ts";
import { createNodeEvents, type NodeEvents } from "./node-events.ts";
import { createOutbox } from "./outbox.ts";
import { createRegistration } from "./registration.ts";
import { repeat } from "./repeat.ts";
import { createStats } from "./stats.ts";
import { createWheel, type WheelDeps, type WheelOptions } from "./wheel.ts";

export type LiveNodeDeps = SubscriptionReaderDeps & {
  readonly connections: ConnectionStore;
  readonly endpoints: EndpointStore;
  readonly playback: PlaybackStore;
  readonly aliveSessions: WheelDeps["aliveSessions"];
  readonly clock: Clock;
  readonly elapsedMs: ElapsedMs;
  readonly leases: Leases;
  readonly log: Log;
};

export type LiveNodeOptions = WheelOptions & {
  readonly heartbeatSeconds?: number;
  /** How long a client may not read, in milliseconds. */
  readonly slowPatienceMs?: number;
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
  /** Deregisters it; to be called when its sessions are drained. */
  stop(): Promise<void>;
};

/**
 * Concurrent questions of sessions wait this long for each other (milliseconds), and go as one request. Long enough too
 * for a `hello` to come while the row of its connection still waits: then one write is both.
 */
const together = { windowMs: 10, maxKeys: 100 };

export function createLiveNode(deps: LiveNodeDeps, options: LiveNodeOptions = {}): LiveNode {
  const { connections, endpoints, playback, clock, log } = deps;
  const { tickMs = 1_000, renewMs = renewEveryMs, sweepMs = 30_000, heartbeatSeconds = 30 } = options;
  const stats = createStats();
  const events = createNodeEvents();
  const rows = createRowWriter(connections, together);
  const loadHead = createLoader((userIds: readonly string[]) => headOf(deps, userIds), together);
  const loadPlayback = createLoader(playback.getMany, together);
  const { slowPatienceMs } = options;
  const outbox = createOutbox(
    { stats, headOf: loadHead },
    slowPatienceMs ? { patienceMs: slowPatienceMs } : {},
  );
  const wheel = createWheel({ ...deps, outbox, stats, headOf: loadHead }, options);
  const registration = createRegistration({
    endpoints,
    clock,
    elapsedMs: deps.elapsedMs,
    log,
    onLost: () => {
      for (const session of hub.all()) outbox.end(session, "draining", Math.random() * 5);
    },
  });
  const hub = createHub({
    rows,
    outbox,
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
    { sessions: () => hub.all(), send: outbox.send },
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
