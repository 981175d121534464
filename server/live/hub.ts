import { ulid } from "ulid";
import type { RawData, WebSocket } from "ws";
import { type ByeReason, closeCodes, type ServerMessage } from "../../core/contract/live.ts";
import type { SessionIdentity } from "../../core/domain/accounts/ports.ts";
import type { RowWriter } from "../../core/domain/live/cluster/row-writer.ts";
import { retryAfterSeconds, tooManyConnections } from "../../core/domain/live/protocol/connection-limit.ts";
import { binaryRefused, type ProtocolDeps, receive } from "../../core/domain/live/protocol/receive.ts";
import type { ConnectionCommand, DeliveryResult, PushBatch } from "../../core/domain/live/push/ports.ts";
import { type FloodLimits, floodLimits, spendToken } from "./flood.ts";
import type { NodeEvents } from "./node-events.ts";
import type { Outbox } from "./outbox.ts";
import type { Session } from "./session.ts";
import type { HubStats } from "./stats.ts";
import type { Wheel } from "./wheel.ts";

export type HubDeps = Omit<ProtocolDeps, "introduce" | "deviceOf"> & {
  readonly rows: RowWriter;
  readonly outbox: Outbox;
  readonly wheel: Wheel;
  readonly stats: HubStats;
  readonly events: Pick<NodeEvents, "emit">;
  /** Under which id this process is registered just now. */
  readonly endpointId: () => string;
  readonly flood?: FloodLimits;
};

/** The live sessions of this node: takes sockets in, answers their frames, delivers pushes. */
export type Hub = ReturnType<typeof createHub>;

export function createHub(deps: HubDeps) {
  const { rows, outbox, wheel, stats, clock, log, flood = floodLimits } = deps;
  const sessions = new Map<string, Session>();
  const sessionOf = new WeakMap<WebSocket, Session>();
  /** How many sessions each user has here. */
  const counts = new Map<string, number>();
  const count = (userId: string, change: 1 | -1): void => {
    const now = (counts.get(userId) ?? 0) + change;
    if (now > 0) counts.set(userId, now);
    else counts.delete(userId);
  };
  /** A row is written by this process alone, so a count tells its writes apart; an id of chance each took 6 % of a storm. */
  let stamps = 0;

  const store = ({ connectionId, userId, sessionId, endpointId, since, device }: Session): Promise<void> =>
    rows.put({
      connectionId,
      userId,
      sessionId,
      endpointId,
      since,
      stamp: String(++stamps),
      ...(device && { device }),
    });

  const protocol: ProtocolDeps = {
    ...deps,
    async introduce({ connectionId }, device) {
      const session = sessions.get(connectionId);
      if (!session) return;
      session.device = device;
      await store(session);
    },
    deviceOf: async ({ connectionId }) => sessions.get(connectionId)?.device,
  };

  const answer = async (session: Session, text: string): Promise<void> => {
    for (const message of await receive(protocol, session, text)) {
      if (message.type === "pong" || message.type === "welcome") session.told = true;
      outbox.say(session, message);
    }
  };

  /** Frames of a session are answered one after the other. */
  const enqueue = (session: Session, text: string): void => {
    const work = (session.work ?? Promise.resolve()).then(async () => {
      await answer(session, text);
      if (session.work === work) session.work = undefined;
    });
    session.work = work;
  };

  function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
    const session = sessionOf.get(this);
    if (!session) return;
    session.heard = true;
    stats.received++;
    if (!spendToken(session, performance.now(), flood)) outbox.end(session, "flood", 60);
    else if (isBinary) outbox.say(session, binaryRefused);
    else enqueue(session, data.toString());
  }

  /** Pings and pongs cost like messages: between fragments they would keep whole packets in memory. */
  function onControl(this: WebSocket): void {
    const session = sessionOf.get(this);
    if (!session) return;
    session.heard = true;
    if (!spendToken(session, performance.now(), flood)) outbox.end(session, "flood", 60);
  }

  function onError(this: WebSocket, error: Error): void {
    log.info({ connectionId: sessionOf.get(this)?.connectionId, reason: error.message }, "A socket broke");
  }

  function onClose(this: WebSocket): void {
    const session = sessionOf.get(this);
    if (!session) return;
    sessions.delete(session.connectionId);
    count(session.userId, -1);
    wheel.delete(session);
    rows.delete(session).catch((error) => log.warn({ err: error }, "A closed connection's row stays"));
  }

  const execute = (command: ConnectionCommand, gone: Set<string>): void => {
    for (const connectionId of command.connectionIds) {
      const session = sessions.get(connectionId);
      if (!session) gone.add(connectionId);
      else if ("text" in command) outbox.send(session, command.text);
      else outbox.end(session, command.end);
    }
  };

  return {
    stats,
    size: () => sessions.size,
    /** How many live sessions one user has here. */
    sizeOf: (userId: string): number => counts.get(userId) ?? 0,
    find: (connectionId: string) => sessions.get(connectionId),
    all: (): Iterable<Session> => sessions.values(),

    /** Takes over an authenticated socket; handlers are there before anything is awaited. */
    adopt(socket: WebSocket, { userId, sessionId }: Pick<SessionIdentity, "userId" | "sessionId">): void {
      const session: Session = {
        connectionId: ulid(),
        userId,
        sessionId,
        endpointId: deps.endpointId(),
        since: clock.now().toISOString(),
        socket,
        slot: wheel.nextSlot(),
        tokens: flood.burst,
        refilledAt: performance.now(),
        heard: true,
        told: false,
        device: undefined,
        work: undefined,
        held: undefined,
      };
      sessionOf.set(socket, session);
      sessions.set(session.connectionId, session);
      count(userId, 1);
      wheel.add(session);
      stats.opened++;
      socket.on("message", onMessage).on("ping", onControl).on("pong", onControl);
      socket.on("close", onClose).on("error", onError);
      store(session).catch((error) => log.warn({ err: error }, "A connection's row waits for its hello"));
    },

    /** Tells a socket beyond its account's limit why, and closes it. */
    refuse(socket: WebSocket): void {
      const reason = "too-many-connections" satisfies ByeReason;
      stats.ended[reason]++;
      socket.on("error", () => {});
      for (const message of [
        { type: "error", problem: tooManyConnections().toProblem() },
        { type: "bye", reason, retryAfterSeconds },
      ] satisfies ServerMessage[])
        socket.send(JSON.stringify(message));
      socket.close(closeCodes.tooManyConnections, reason);
    },

    /** What a push brings, in order. */
    deliver({ posts, events }: PushBatch): DeliveryResult {
      stats.pushes++;
      const gone = new Set<string>();
      for (const command of posts) execute(command, gone);
      for (const event of events) deps.events.emit(event);
      return { gone: [...gone] };
    },

    /** Ends sessions with a goodbye. */
    end: outbox.end,
  };
}
