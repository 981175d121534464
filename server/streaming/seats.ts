import type { PlanName } from "../../core/contract/accounts.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { AccountEvent } from "../../core/domain/live/push/ports.ts";
import { entitlementsOf } from "../../core/domain/plans.ts";
import type { ElapsedMs, Log } from "../../core/domain/ports.ts";
import {
  givePlaceBack,
  holdsPlace,
  keptSessions,
  type PlaceDeps,
  takePlace,
  withdrawPlace,
} from "../../core/domain/streaming/places.ts";

/** A signed-in device that asks for audio, as its access token names it; nothing has been read yet. */
export type Listener = { readonly userId: string; readonly sessionId: string; readonly email: string };

/** What is true of a listener now. */
type Standing = { readonly plan: PlanName; readonly deviceName: string };

export type SeatDeps = PlaceDeps & {
  /** Under which id this process is registered just now; it changes when the process was taken for dead. */
  readonly endpointId: () => string;
  /** Reads session and account consistently. @throws DomainError `session-ended` */
  readonly standing: (listener: Listener) => Promise<Standing>;
  /** Calls back for each push about the user; answers the undo. */
  readonly onAccountEvent: (userId: string, listener: (event: AccountEvent) => void) => () => void;
  readonly elapsedMs: ElapsedMs;
  readonly log: Log;
  /** How long a place is kept after the last byte, and how often standing is read while bytes flow. */
  readonly idleMs?: number;
  readonly recheckMs?: number;
};

/** A held place of one session, with the responses that flow on it here. */
export type Seat = {
  readonly listener: Listener;
  readonly deviceName: string;
  readonly endpointId: string;
  plan: PlanName;
  /** The version of the row at which the place was taken, and by which person's wish. */
  order: number;
  /** The newest version of the row by which the session lost a place. */
  revokedAt: number;
  wish: string | undefined;
  /** By `elapsedMs`. */
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
 * The places that this process holds. Session and account are read before the user's `streams` row is written, for the
 * plan's number of places, and again afterwards: a change after that reading finds the row and is pushed here. While the
 * place is held, a request costs no read at all, bar one a minute in case a push was lost.
 */
export function createSeats(deps: SeatDeps) {
  const { idleMs = 30_000, recheckMs = 60_000 } = deps;
  const held = new Map<string, Seat>();
  const taking = new Map<string, { readonly wish: string | undefined; readonly seat: Promise<Seat> }>();
  /** Places that are being given back, by session. */
  const releasing = new Map<string, Promise<void>>();
  let closed = false;
  const recheck = setInterval(() => void recheckAll(), Math.min(recheckMs, 10_000)).unref();

  return { take, open, leave, close };

  /**
   * At once where the listener has a seat that was looked at lately.
   * @param wish names a person's wish to hear here, which takes the place back from whoever has taken it
   * @throws DomainError `session-ended`, `too-many-devices`
   */
  function take(listener: Listener, wish?: string): Seat | Promise<Seat> {
    const { sessionId, userId } = listener;
    const name = `${userId} ${sessionId}`;
    const running = taking.get(name);
    if (running && (wish === undefined || running.wish === wish)) return running.seat;
    const seat = held.get(sessionId);
    // A seat is the session's, and the session is one user's, whatever a token says of the two.
    if (seat && seat.listener.userId !== userId) throw new DomainError("session-ended");
    const isNewWish = wish !== undefined && seat?.wish !== wish;
    if (!running && seat && !isDue(seat) && !isNewWish) return seat;
    const started = (running ? running.seat.catch(() => {}) : Promise.resolve())
      .then(() => takeAfresh(listener, wish))
      .finally(() => {
        if (taking.get(name)?.seat === started) taking.delete(name);
      });
    taking.set(name, { wish, seat: started });
    return started;
  }

  async function takeAfresh(listener: Listener, wish: string | undefined): Promise<Seat> {
    const seat = held.get(listener.sessionId);
    if (!seat || !(await isStillGood(seat))) return sitDown(listener, wish);
    if (wish === undefined || seat.wish === wish) return seat;
    await claim(seat, wish);
    if (held.get(listener.sessionId) === seat) return seat;
    await release(seat);
    return sitDown(listener, wish);
  }

  async function sitDown(listener: Listener, wish: string | undefined): Promise<Seat> {
    if (closed) throw new DomainError("unavailable", "This server is being replaced; try again");
    const { plan, deviceName } = await deps.standing(listener);
    const seat: Seat = {
      listener,
      deviceName,
      plan,
      wish: undefined,
      order: Number.POSITIVE_INFINITY,
      revokedAt: 0,
      endpointId: deps.endpointId(),
      checkedAt: deps.elapsedMs(),
      open: new Set(),
      idle: undefined,
      deafen: () => {},
    };
    // From here on a push finds the seat, so what is written and read next cannot grow old unnoticed.
    held.set(listener.sessionId, seat);
    seat.deafen = deps.onAccountEvent(listener.userId, (event) =>
      heed(seat, event).catch(warn(seat, "A push about a streaming session could not be heeded")),
    );
    keepForAWhile(seat);
    try {
      await claim(seat, wish);
      if (closed || seat.revokedAt > seat.order) letGo(seat);
      const now = await deps.standing(listener);
      if (now.plan === plan && held.get(listener.sessionId) === seat) return seat;
    } catch (error) {
      letGo(seat);
      await release(seat);
      throw error;
    }
    // A push took it away meanwhile, or the plan changed, and its limit of devices with it: start again.
    letGo(seat);
    await release(seat);
    return sitDown(listener, wish);
  }

  /** Takes the place in the user's row; whom it was taken from here ends at once, who streams elsewhere by the push. */
  async function claim(seat: Seat, wish: string | undefined): Promise<void> {
    const { listener, endpointId, deviceName } = seat;
    // A claim that still finds the place in the row would have it taken away afterwards.
    await releasing.get(listener.sessionId);
    const claimed = { ...listener, endpointId, deviceName, wish };
    const { order, displaced, version } = await takePlace(deps, claimed, entitlementsOf(seat.plan).devices);
    seat.order = order;
    seat.wish = wish ?? seat.wish;
    for (const sessionId of displaced) revoke(sessionId, version);
  }

  function revoke(sessionId: string, version: number): void {
    const seat = held.get(sessionId);
    if (!seat) return;
    seat.revokedAt = Math.max(seat.revokedAt, version);
    // Told late, it may be of a place that the session has taken back since.
    if (seat.order < version) letGo(seat);
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
    else if (event.kind === "places-revoked") {
      if (event.sessionIds.includes(seat.listener.sessionId)) revoke(seat.listener.sessionId, event.version);
    } else if (event.sessionId === seat.listener.sessionId) await giveUp(seat);
  }

  /** Ends what the plan does not let flow, and all of it where the plan has no place for this device. */
  async function changePlan(seat: Seat, plan: PlanName): Promise<void> {
    if (plan === seat.plan) return;
    seat.plan = plan;
    for (const response of seat.open) if (!response.mayGoOn(plan)) abort(response);
    const { userId, sessionId } = seat.listener;
    const [places, alive] = await Promise.all([deps.places.read(userId), deps.aliveEndpoints()]);
    const kept = keptSessions(places, alive, entitlementsOf(plan).devices);
    if (kept.has(sessionId)) return;
    if (letGo(seat)) await withdrawPlace(deps, seat.listener);
  }

  /** Reads again what allows the seat; gives it up where that is so no longer. @throws DomainError `session-ended` */
  async function isStillGood(seat: Seat): Promise<boolean> {
    if (!isDue(seat)) return true;
    try {
      const { userId, sessionId } = seat.listener;
      const [{ plan }, places] = await Promise.all([deps.standing(seat.listener), deps.places.read(userId)]);
      // Registered anew, the process must write the place under its new id, or others take it for free.
      const isOurs = seat.endpointId === deps.endpointId();
      if (!isOurs || !holdsPlace(places, { sessionId, endpointId: seat.endpointId })) await giveUp(seat);
      else {
        seat.checkedAt = deps.elapsedMs();
        await changePlan(seat, plan);
      }
      return held.get(sessionId) === seat;
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
      await isStillGood(seat);
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
    if (letGo(seat)) await release(seat);
  }

  async function release(seat: Seat): Promise<void> {
    const { sessionId } = seat.listener;
    const earlier = releasing.get(sessionId);
    const released = givePlaceBack(deps, { ...seat.listener, endpointId: seat.endpointId })
      .catch(warn(seat, "A streaming place could not be given back"))
      .then(() => earlier);
    releasing.set(sessionId, released);
    await released;
    if (releasing.get(sessionId) === released) releasing.delete(sessionId);
  }

  /** Ends what flows on it. @returns whether it was held */
  function letGo(seat: Seat): boolean {
    const { sessionId } = seat.listener;
    if (held.get(sessionId) !== seat) return false;
    held.delete(sessionId);
    clearTimeout(seat.idle);
    seat.deafen();
    for (const response of seat.open) abort(response);
    return true;
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(recheck);
    await Promise.all([...held.values()].map(giveUp));
    // Whoever was about to sit down leaves again.
    await Promise.allSettled([...taking.values()].map(({ seat }) => seat));
  }

  function warn({ listener }: Seat, message: string): (err: unknown) => void {
    return (err) => deps.log.warn({ err, sessionId: listener.sessionId }, message);
  }

  function isDue(seat: Seat): boolean {
    return deps.elapsedMs() - seat.checkedAt >= recheckMs || seat.endpointId !== deps.endpointId();
  }
}

const abort = (response: OpenResponse): void =>
  response.end(new DomainError("session-ended", "What allowed this stream is no longer so"));
