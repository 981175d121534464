import type { PlanName } from "../../core/contract/accounts.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { AccountEvent } from "../../core/domain/live/ports.ts";
import { entitlementsOf } from "../../core/domain/plans.ts";
import type { Log } from "../../core/domain/ports.ts";
import {
  givePlaceBack,
  keptSessions,
  type PlaceDeps,
  takePlace,
} from "../../core/domain/streaming/places.ts";

/** A signed-in device that asks for audio, as its access token names it; nothing has been read yet. */
export type Listener = { readonly userId: string; readonly sessionId: string; readonly email: string };

/** What is true of a listener now. */
export type Standing = { readonly plan: PlanName; readonly deviceName: string };

export type SeatDeps = PlaceDeps & {
  /** Under which id this process is registered just now; it changes when the process was taken for dead. */
  readonly endpointId: () => string;
  /** Reads session and account consistently. @throws DomainError `session-ended` */
  readonly standing: (listener: Listener) => Promise<Standing>;
  /** Calls back for each push about the user; answers the undo. */
  readonly onAccountEvent: (userId: string, listener: (event: AccountEvent) => void) => () => void;
  readonly log: Log;
  /** How long a place is kept after the last byte, and how often standing is read while bytes flow. */
  readonly idleMs?: number;
  readonly recheckMs?: number;
};

/** A held place of one session, with the responses that flow on it here. */
export type Seat = {
  readonly listener: Listener;
  readonly endpointId: string;
  plan: PlanName;
  checkedAt: number;
  readonly open: Set<OpenResponse>;
  idle: NodeJS.Timeout | undefined;
  /** Ends the listening to pushes. */
  deafen: () => void;
};

/** A response that flows on a seat. */
export type OpenResponse = {
  mayGoOn(plan: PlanName): boolean;
  /** Ends it, for good. */
  end(reason: DomainError): void;
};

export type Seats = ReturnType<typeof createSeats>;

/**
 * The places that this process holds. Taking one writes the user's `streams` row before session and account are
 * read, so a change after the reading finds the row and is pushed here; while the place is held, a request costs
 * no read at all, bar one a minute in case a push was lost.
 */
export function createSeats(deps: SeatDeps) {
  const { idleMs = 30_000, recheckMs = 60_000 } = deps;
  const held = new Map<string, Seat>();
  const taking = new Map<string, Promise<Seat>>();
  let closed = false;
  const recheck = setInterval(() => void recheckAll(), Math.min(recheckMs, 10_000)).unref();

  return { take, open, leave, close };

  /** At once where the listener has a seat that was looked at lately. @throws DomainError `session-ended`, `too-many-devices` */
  function take(listener: Listener): Seat | Promise<Seat> {
    const running = taking.get(listener.sessionId);
    if (running) return running;
    const seat = held.get(listener.sessionId);
    if (seat && !isDue(seat)) return seat;
    const started = (seat ? refresh(seat) : sitDown(listener)).finally(() =>
      taking.delete(listener.sessionId),
    );
    taking.set(listener.sessionId, started);
    return started;
  }

  async function sitDown(listener: Listener): Promise<Seat> {
    if (closed) throw new DomainError("unavailable", "This server is being replaced; try again");
    const { plan, deviceName } = await deps.standing(listener);
    const endpointId = deps.endpointId();
    await takePlace(deps, { ...listener, endpointId, deviceName }, entitlementsOf(plan).devices);
    // From here on a push finds the seat, so what is read next cannot grow old unnoticed.
    const seat: Seat = {
      listener,
      endpointId,
      plan,
      checkedAt: nowMs(),
      open: new Set(),
      idle: undefined,
      deafen: () => {},
    };
    held.set(listener.sessionId, seat);
    seat.deafen = deps.onAccountEvent(listener.userId, (event) =>
      heed(seat, event).catch(warn(seat, "A push about a streaming session could not be heeded")),
    );
    keepForAWhile(seat);
    if (closed) await giveUp(seat);
    const now = await deps.standing(listener).catch(async (error: unknown) => {
      await giveUp(seat);
      throw error;
    });
    // A push took it away meanwhile: what it told of is read now.
    if (held.get(listener.sessionId) !== seat) return sitDown(listener);
    if (now.plan === plan) return seat;
    // The plan changed in between, and its limit of devices with it: start again under the new one.
    await giveUp(seat);
    return sitDown(listener);
  }

  /** Registers a response that begins to flow, until it leaves; it is ended when it must not go on. */
  function open(seat: Seat, response: OpenResponse): void {
    seat.open.add(response);
    // The seat may have been given up while the caller looked for the song.
    if (held.get(seat.listener.sessionId) !== seat) abort(response);
  }

  function leave(seat: Seat, response: OpenResponse): void {
    if (seat.open.delete(response) && seat.open.size === 0) seat.idle?.refresh();
  }

  async function heed(seat: Seat, event: AccountEvent): Promise<void> {
    if (event.kind === "account") await changePlan(seat, event.plan);
    else if (event.sessionId === seat.listener.sessionId) await giveUp(seat);
  }

  /** Ends what the plan does not let flow, and all of it where the plan has no place for this device. */
  async function changePlan(seat: Seat, plan: PlanName): Promise<void> {
    if (plan === seat.plan) return;
    seat.plan = plan;
    for (const response of seat.open) if (!response.mayGoOn(plan)) abort(response);
    const { userId, sessionId } = seat.listener;
    const kept = keptSessions(await deps.places.read(userId), entitlementsOf(plan).devices);
    if (!kept.has(sessionId)) await giveUp(seat);
  }

  async function refresh(seat: Seat): Promise<Seat> {
    try {
      // Registered anew, the process must write the place under its new id, or others take it for free.
      if (seat.endpointId !== deps.endpointId()) {
        await giveUp(seat);
        return await sitDown(seat.listener);
      }
      const { plan } = await deps.standing(seat.listener);
      seat.checkedAt = nowMs();
      await changePlan(seat, plan);
      return seat;
    } catch (error) {
      if (error instanceof DomainError && error.kind === "session-ended") await giveUp(seat);
      throw error;
    }
  }

  async function recheckAll(): Promise<void> {
    const due = [...held.values()].filter((seat) => seat.open.size > 0 && isDue(seat));
    await Promise.all(due.map(recheckOne));
  }

  async function recheckOne(seat: Seat): Promise<void> {
    try {
      await take(seat.listener);
    } catch (error) {
      warn(seat, "A streaming session could not be read again")(error);
    }
  }

  /** Counted from when the last response left, so that a request costs no timer of its own. */
  function keepForAWhile(seat: Seat): void {
    seat.idle = setTimeout(
      () => (seat.open.size > 0 ? void seat.idle?.refresh() : giveUp(seat)),
      idleMs,
    ).unref();
  }

  /** Ends what flows first and writes afterwards: the bytes must stop even where the table is out of reach. */
  async function giveUp(seat: Seat): Promise<void> {
    const { listener } = seat;
    if (held.get(listener.sessionId) !== seat) return;
    held.delete(listener.sessionId);
    clearTimeout(seat.idle);
    seat.deafen();
    for (const response of seat.open) abort(response);
    await givePlaceBack(deps, { ...listener, endpointId: seat.endpointId }).catch(
      warn(seat, "A streaming place could not be given back"),
    );
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(recheck);
    await Promise.all([...held.values()].map(giveUp));
    // Whoever was about to sit down leaves again.
    await Promise.allSettled(taking.values());
  }

  function warn({ listener }: Seat, message: string): (err: unknown) => void {
    return (err) => deps.log.warn({ err, sessionId: listener.sessionId }, message);
  }

  function nowMs(): number {
    return deps.clock.now().getTime();
  }

  function isDue(seat: Seat): boolean {
    return nowMs() - seat.checkedAt >= recheckMs || seat.endpointId !== deps.endpointId();
  }
}

const abort = (response: OpenResponse): void =>
  response.end(new DomainError("session-ended", "What allowed this stream is no longer so"));
