import type { Log } from "../../core/domain/ports.ts";
import type { ClientConnection } from "./client-connection.ts";
import type { ConnectionWriter } from "./connection-writer.ts";
import type { HubStats } from "./stats.ts";

export type HeartbeatWheelDeps = {
  readonly writer: Pick<ConnectionWriter, "sendMessage" | "end" | "flushSlow">;
  readonly stats: HubStats;
  readonly log: Log;
  readonly headOf: (userId: string) => Promise<{ revision: number } | undefined>;
  /** Of these sessions, those that have not ended. */
  readonly aliveSessions: (sessionIds: readonly string[]) => Promise<ReadonlySet<string>>;
};

export type HeartbeatWheelOptions = {
  /** Ticks of one turn. Each connection gets a `pong` with the head's revision at least once a turn. */
  readonly slots?: number;
  /** Turns between two reads of a connection's connection. */
  readonly turnsPerCheck?: number;
};

/**
 * A timing wheel for all heartbeats of a node: one timer, and one slot of connections a tick. So the work is spread
 * over the turn, and its reads are batches.
 */
export type HeartbeatWheel = ReturnType<typeof createHeartbeatWheel>;

export function createHeartbeatWheel(
  deps: HeartbeatWheelDeps,
  { slots = 60, turnsPerCheck = 5 }: HeartbeatWheelOptions = {},
) {
  const wheel = Array.from({ length: slots }, () => new Set<ClientConnection>());
  let assigned = 0;
  let ticks = 0;

  const tick = async (): Promise<void> => {
    const connections = wheel[ticks % slots] ?? new Set();
    const checked = (Math.floor(ticks / slots) + (ticks % slots)) % turnsPerCheck === 0;
    ticks++;
    for (const connection of connections) probe(deps, connection);
    await Promise.all([
      deps.writer.flushSlow(),
      sendRevisions(deps, [...connections]),
      checked && endDead(deps, [...connections]),
    ]);
  };

  return {
    /** The slot for a new connection. */
    nextSlot: () => assigned++ % slots,
    add: (connection: ClientConnection) => void wheel[connection.slot]?.add(connection),
    delete: (connection: ClientConnection) => void wheel[connection.slot]?.delete(connection),
    /** Never throws: what fails now is tried again at the next turn. */
    tick: () => tick().catch((error) => deps.log.warn({ err: error }, "A heartbeat failed")),
  };
}

/** A client that was silent for a whole turn, although its browser answers pings by itself, is gone. */
function probe({ stats }: HeartbeatWheelDeps, connection: ClientConnection): void {
  if (connection.heard) {
    connection.heard = false;
    connection.socket.ping();
    return;
  }
  stats.ended.silent++;
  connection.socket.terminate();
}

async function sendRevisions(
  { writer, headOf }: HeartbeatWheelDeps,
  connections: readonly ClientConnection[],
): Promise<void> {
  const silent = connections.filter(({ revisionSent }) => !revisionSent);
  for (const connection of connections) connection.revisionSent = false;
  await Promise.all(
    silent.map(async (connection) => {
      const head = await headOf(connection.userId);
      writer.sendMessage(connection, { type: "pong", ...(head && { revision: head.revision }) });
    }),
  );
}

async function endDead(
  { writer, aliveSessions }: HeartbeatWheelDeps,
  connections: readonly ClientConnection[],
): Promise<void> {
  if (connections.length === 0) return;
  const alive = await aliveSessions([...new Set(connections.map(({ sessionId }) => sessionId))]);
  for (const connection of connections)
    if (!alive.has(connection.sessionId)) writer.end(connection, "session-ended");
}
