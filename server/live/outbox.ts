import { WebSocket } from "ws";
import { type ByeReason, closeCodes, type ServerMessage } from "../../core/contract/live.ts";
import type { Held, Session } from "./session.ts";
import type { HubStats } from "./stats.ts";

/** More than this may not wait for a client that does not read (bytes). */
const maxQueuedBytes = 64 * 1024;
/** How long a client may go on not reading, in milliseconds. */
const slowPatienceMs = 10_000;

const codes: Record<ByeReason, number> = {
  "session-ended": closeCodes.sessionEnded,
  kicked: closeCodes.sessionEnded,
  draining: closeCodes.restart,
  flood: closeCodes.flood,
  "slow-consumer": closeCodes.slowConsumer,
  "too-many-connections": closeCodes.tooManyConnections,
};

/** Sends to sessions, and bounds what waits for those that do not read. */
export type Outbox = ReturnType<typeof createOutbox>;

export type OutboxDeps = {
  readonly stats: HubStats;
  readonly headOf: (userId: string) => Promise<{ epoch: string; revision: number } | undefined>;
};

export function createOutbox({ stats, headOf }: OutboxDeps, { patienceMs = slowPatienceMs } = {}) {
  /** Sessions that do not read just now. */
  const slow = new Set<Session>();

  const write = ({ socket }: Session, text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    stats.sent++;
    stats.sentBytes += text.length;
  };

  const send = (session: Session, text: string): void => {
    if (!session.held && session.socket.bufferedAmount + text.length <= maxQueuedBytes) {
      write(session, text);
      return;
    }
    session.held ??= { since: performance.now(), texts: new Map() };
    hold(session.held.texts, text);
    slow.add(session);
  };

  const say = (session: Session, message: ServerMessage): void => send(session, JSON.stringify(message));

  /** Says goodbye and closes; nothing is sent after it. */
  const end = (session: Session, reason: ByeReason, retryAfterSeconds = 0): void => {
    if (session.socket.readyState !== WebSocket.OPEN) return;
    stats.ended[reason]++;
    write(session, JSON.stringify({ type: "bye", reason, retryAfterSeconds } satisfies ServerMessage));
    session.socket.close(codes[reason], reason);
    slow.delete(session);
  };

  /** One who reads again gets what it missed in short: the newest of each type, and `stale` for changes. */
  const release = async (session: Session, { texts }: Held): Promise<void> => {
    session.held = undefined;
    slow.delete(session);
    const missed = texts.delete("changes") || texts.delete("stale");
    for (const text of texts.values()) write(session, text);
    const head = missed ? await headOf(session.userId) : undefined;
    if (head) say(session, { type: "stale", epoch: head.epoch, revision: head.revision });
  };

  /** Looks after the slow ones; to be called every second or so. */
  const tend = async (): Promise<void> => {
    const now = performance.now();
    const releases = [...slow].map(async (session) => {
      const { held, socket } = session;
      if (!held || socket.readyState !== WebSocket.OPEN) slow.delete(session);
      else if (socket.bufferedAmount === 0) await release(session, held);
      else if (now - held.since > patienceMs) end(session, "slow-consumer");
    });
    await Promise.all(releases);
  };

  return { send, say, end, tend };
}

/** The newest of each type says all, but for `catalogue`: of two, neither names what the other does. */
function hold(texts: Held["texts"], text: string): void {
  const type = typeOf(text);
  texts.set(type, type === "catalogue" && texts.has(type) ? manyChanged : text);
}

const manyChanged = JSON.stringify({ type: "catalogue", changed: "many" } satisfies ServerMessage);

const typeOf = (text: string): string => (JSON.parse(text) as ServerMessage).type;
