import type { Log } from "../../core/domain/ports.ts";
import type { Outbox } from "./outbox.ts";
import type { Session } from "./session.ts";
import type { HubStats } from "./stats.ts";

export type WheelDeps = {
  readonly outbox: Pick<Outbox, "say" | "end" | "tend">;
  readonly stats: HubStats;
  readonly log: Log;
  readonly headOf: (userId: string) => Promise<{ revision: number } | undefined>;
  /** Of these sessions, those that have not ended. */
  readonly aliveSessions: (sessionIds: readonly string[]) => Promise<ReadonlySet<string>>;
};

export type WheelOptions = {
  /** One turn takes so many ticks: every session hears `pong` with the head's revision at least so often. */
  readonly slots?: number;
  /** Sessions are read again every so many turns. */
  readonly turnsPerCheck?: number;
};

/**
 * All heartbeats of a node on one timer: a tick serves one slot of sessions, so the work is spread over the turn and
 * its reads are batches.
 */
export type Wheel = ReturnType<typeof createWheel>;

export function createWheel(deps: WheelDeps, { slots = 60, turnsPerCheck = 5 }: WheelOptions = {}) {
  const wheel = Array.from({ length: slots }, () => new Set<Session>());
  let assigned = 0;
  let ticks = 0;

  const tick = async (): Promise<void> => {
    const sessions = wheel[ticks % slots] ?? new Set();
    const checked = (Math.floor(ticks / slots) + (ticks % slots)) % turnsPerCheck === 0;
    ticks++;
    for (const session of sessions) probe(deps, session);
    await Promise.all([
      deps.outbox.tend(),
      tellRevisions(deps, [...sessions]),
      checked && endDead(deps, [...sessions]),
    ]);
  };

  return {
    /** The slot of a new session. */
    nextSlot: () => assigned++ % slots,
    add: (session: Session) => void wheel[session.slot]?.add(session),
    delete: (session: Session) => void wheel[session.slot]?.delete(session),
    /** Never throws: what fails now is tried again at the next turn. */
    tick: () => tick().catch((error) => deps.log.warn({ err: error }, "A heartbeat failed")),
  };
}

/** A client that was silent for a whole turn, although its browser answers pings by itself, is gone. */
function probe({ stats }: WheelDeps, session: Session): void {
  if (session.heard) {
    session.heard = false;
    session.socket.ping();
    return;
  }
  stats.ended.silent++;
  session.socket.terminate();
}

async function tellRevisions({ outbox, headOf }: WheelDeps, sessions: readonly Session[]): Promise<void> {
  const silent = sessions.filter(({ told }) => !told);
  for (const session of sessions) session.told = false;
  await Promise.all(
    silent.map(async (session) => {
      const head = await headOf(session.userId);
      outbox.say(session, { type: "pong", ...(head && { revision: head.revision }) });
    }),
  );
}

async function endDead({ outbox, aliveSessions }: WheelDeps, sessions: readonly Session[]): Promise<void> {
  if (sessions.length === 0) return;
  const alive = await aliveSessions([...new Set(sessions.map(({ sessionId }) => sessionId))]);
  for (const session of sessions) if (!alive.has(session.sessionId)) outbox.end(session, "session-ended");
}
