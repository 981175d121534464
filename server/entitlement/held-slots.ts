import type { PlanName } from "../../core/contract/accounts.ts";
import { holdsSlot, keptSessions } from "../../core/domain/entitlement/living-slots.ts";
import {
  acquireSlot,
  releaseSlot,
  revokeSlot,
  type StreamSlotDeps,
} from "../../core/domain/entitlement/stream-slots.ts";
import { DomainError } from "../../core/domain/errors.ts";
import type { AccountEvent } from "../../core/domain/live/push/ports.ts";
import { entitlementsOf } from "../../core/domain/plans.ts";
import type { ElapsedMs, Log } from "../../core/domain/ports.ts";
import type { HeldSlot, Listener, OpenResponse } from "./held-slot.ts";

/** The plan and device of a listener, as of one reading of session and account. */
type Entitlement = { readonly plan: PlanName; readonly deviceName: string };

export type HeldSlotsDeps = StreamSlotDeps & {
  /** The id under which this process is registered; it changes when the process was taken for dead. */
  readonly endpointId: () => string;
  /** Reads session and account consistently. @throws DomainError `session-ended` */
  readonly loadEntitlement: (listener: Listener) => Promise<Entitlement>;
  /** Calls back for each push about the user. @returns the undo */
  readonly onAccountEvent: (userId: string, listener: (event: AccountEvent) => void) => () => void;
  readonly elapsedMs: ElapsedMs;
  readonly log: Log;
  /** How long a slot is kept after the last byte (milliseconds). */
  readonly idleMs?: number;
  /** How often the entitlement is read while bytes flow (milliseconds). */
  readonly recheckMs?: number;
};

export type HeldSlots = ReturnType<typeof createHeldSlots>;

/**
 * The stream slots that this process holds. `acquire` reads session and account, writes the user's `streams` row for the
 * plan's number of slots, and reads session and account again: a change after that reading finds the row and is pushed
 * here. While the slot is held, a request costs no read at all, bar one a minute in case a push was lost.
 */
export function createHeldSlots(deps: HeldSlotsDeps) {
  const { idleMs = 30_000, recheckMs = 60_000 } = deps;
  const held = new Map<string, HeldSlot>();
  const acquiring = new Map<
    string,
    { readonly wish: string | undefined; readonly slot: Promise<HeldSlot> }
  >();
  /** Slots that are being released in the table, by session. */
  const releasing = new Map<string, Promise<void>>();
  let closed = false;
  const recheck = setInterval(() => void recheckAll(), Math.min(recheckMs, 10_000)).unref();

  return { acquire, addResponse, removeResponse, close };

  /**
   * The listener's slot; at once where it is held and its entitlement was read lately.
   * @param wish names a person's wish to hear here, which takes the slot back from whoever has taken it
   * @throws DomainError `session-ended`, `too-many-devices`
   */
  function acquire(listener: Listener, wish?: string): HeldSlot | Promise<HeldSlot> {
    const { sessionId, userId } = listener;
    const name = `${userId} ${sessionId}`;
    const running = acquiring.get(name);
    if (running && (wish === undefined || running.wish === wish)) return running.slot;
    const slot = held.get(sessionId);
    // A slot is the session's, and the session is one user's, whatever a token says of the two.
    if (slot && slot.listener.userId !== userId) throw new DomainError("session-ended");
    const isNewWish = wish !== undefined && slot?.wish !== wish;
    if (!running && slot && !isRecheckDue(slot) && !isNewWish) return slot;
    const started = (running ? running.slot.catch(() => {}) : Promise.resolve())
      .then(() => acquireAfresh(listener, wish))
      .finally(() => {
        if (acquiring.get(name)?.slot === started) acquiring.delete(name);
      });
    acquiring.set(name, { wish, slot: started });
    return started;
  }

  async function acquireAfresh(listener: Listener, wish: string | undefined): Promise<HeldSlot> {
    const slot = held.get(listener.sessionId);
    if (!slot || !(await isStillEntitled(slot))) return acquireNew(listener, wish);
    if (wish === undefined || slot.wish === wish) return slot;
    await claim(slot, wish);
    if (held.get(listener.sessionId) === slot) return slot;
    await releaseInTable(slot);
    return acquireNew(listener, wish);
  }

  async function acquireNew(listener: Listener, wish: string | undefined): Promise<HeldSlot> {
    if (closed) throw new DomainError("unavailable", "This server is being replaced; try again");
    const { plan, deviceName } = await deps.loadEntitlement(listener);
    const slot: HeldSlot = {
      listener,
      deviceName,
      plan,
      wish: undefined,
      order: Number.POSITIVE_INFINITY,
      revokedAt: 0,
      endpointId: deps.endpointId(),
      checkedAt: deps.elapsedMs(),
      responses: new Set(),
      idleTimer: undefined,
      unsubscribe: () => {},
    };
    // A push finds the slot from here on, so what is written and read next cannot grow old unnoticed.
    held.set(listener.sessionId, slot);
    slot.unsubscribe = deps.onAccountEvent(listener.userId, (event) =>
      handleAccountEvent(slot, event).catch(
        warn(slot, "A push about a streaming session could not be handled"),
      ),
    );
    startIdleTimer(slot);
    try {
      await claim(slot, wish);
      if (closed || slot.revokedAt > slot.order) drop(slot);
      const now = await deps.loadEntitlement(listener);
      if (now.plan === plan && held.get(listener.sessionId) === slot) return slot;
    } catch (error) {
      drop(slot);
      await releaseInTable(slot);
      throw error;
    }
    // A push took it away meanwhile, or the plan changed, and its limit of devices with it: start again.
    drop(slot);
    await releaseInTable(slot);
    return acquireNew(listener, wish);
  }

  /**
   * Acquires the slot in the user's row. The sessions that it was taken from end at once here, and by the push at other
   * processes.
   */
  async function claim(slot: HeldSlot, wish: string | undefined): Promise<void> {
    const { listener, endpointId, deviceName } = slot;
    // A claim that still finds the slot in the row would have it taken away afterwards.
    await releasing.get(listener.sessionId);
    const claimed = { ...listener, endpointId, deviceName, wish };
    const { order, displaced, version } = await acquireSlot(deps, claimed, entitlementsOf(slot.plan).devices);
    slot.order = order;
    slot.wish = wish ?? slot.wish;
    for (const sessionId of displaced) revoke(sessionId, version);
  }

  function revoke(sessionId: string, version: number): void {
    const slot = held.get(sessionId);
    if (!slot) return;
    slot.revokedAt = Math.max(slot.revokedAt, version);
    // A late push may be about a slot that the session has acquired again since.
    if (slot.order < version) drop(slot);
  }

  /** Adds a response, until `removeResponse`; it is ended when it must not go on. */
  function addResponse(slot: HeldSlot, response: OpenResponse): void {
    slot.responses.add(response);
    // The slot may have been released while the caller looked for the song.
    if (held.get(slot.listener.sessionId) !== slot) abort(response);
  }

  function removeResponse(slot: HeldSlot, response: OpenResponse): void {
    if (slot.responses.delete(response) && slot.responses.size === 0) slot.idleTimer?.refresh();
  }

  async function handleAccountEvent(slot: HeldSlot, event: AccountEvent): Promise<void> {
    const { sessionId } = slot.listener;
    if (event.kind === "account") await applyPlan(slot, event.plan);
    else if (event.kind === "places-revoked") {
      if (event.sessionIds.includes(sessionId)) revoke(sessionId, event.version);
    } else if (event.sessionId === sessionId) await release(slot);
  }

  /** Ends the responses that the plan does not allow, and all of them where the plan has no slot for this device. */
  async function applyPlan(slot: HeldSlot, plan: PlanName): Promise<void> {
    if (plan === slot.plan) return;
    slot.plan = plan;
    for (const response of slot.responses) if (!response.isAllowedBy(plan)) abort(response);
    const { userId, sessionId } = slot.listener;
    const [slots, alive] = await Promise.all([deps.slots.read(userId), deps.aliveEndpoints()]);
    const kept = keptSessions(slots, alive, entitlementsOf(plan).devices);
    if (kept.has(sessionId)) return;
    if (drop(slot)) await revokeSlot(deps, slot.listener);
  }

  /** Reads again what allows the slot; releases it where that is so no longer. @throws DomainError `session-ended` */
  async function isStillEntitled(slot: HeldSlot): Promise<boolean> {
    if (!isRecheckDue(slot)) return true;
    try {
      const { userId, sessionId } = slot.listener;
      const [{ plan }, slots] = await Promise.all([
        deps.loadEntitlement(slot.listener),
        deps.slots.read(userId),
      ]);
      // A process that registered anew must write the slot under its new id, or others take it for free.
      const isOurs = slot.endpointId === deps.endpointId();
      if (!isOurs || !holdsSlot(slots, { sessionId, endpointId: slot.endpointId })) await release(slot);
      else {
        slot.checkedAt = deps.elapsedMs();
        await applyPlan(slot, plan);
      }
      return held.get(sessionId) === slot;
    } catch (error) {
      if (error instanceof DomainError && error.kind === "session-ended") await release(slot);
      throw error;
    }
  }

  async function recheckAll(): Promise<void> {
    const due = [...held.values()].filter((slot) => slot.responses.size > 0 && isRecheckDue(slot));
    await Promise.all(due.map(recheckOne));
  }

  async function recheckOne(slot: HeldSlot): Promise<void> {
    try {
      await isStillEntitled(slot);
    } catch (error) {
      warn(slot, "A streaming session could not be read again")(error);
    }
  }

  /** The timer is refreshed when the last response ends, so that a request costs no timer of its own. */
  function startIdleTimer(slot: HeldSlot): void {
    slot.idleTimer = setTimeout(
      () => (slot.responses.size > 0 ? void slot.idleTimer?.refresh() : release(slot)),
      idleMs,
    ).unref();
  }

  /** Ends the responses first and writes afterwards: the bytes must stop even where the table is out of reach. */
  async function release(slot: HeldSlot): Promise<void> {
    if (drop(slot)) await releaseInTable(slot);
  }

  async function releaseInTable(slot: HeldSlot): Promise<void> {
    const { sessionId } = slot.listener;
    const earlier = releasing.get(sessionId);
    const released = releaseSlot(deps, { ...slot.listener, endpointId: slot.endpointId })
      .catch(warn(slot, "A stream slot could not be released"))
      .then(() => earlier);
    releasing.set(sessionId, released);
    await released;
    if (releasing.get(sessionId) === released) releasing.delete(sessionId);
  }

  /** Holds the slot no longer, and ends its responses. @returns whether it was held */
  function drop(slot: HeldSlot): boolean {
    const { sessionId } = slot.listener;
    if (held.get(sessionId) !== slot) return false;
    held.delete(sessionId);
    clearTimeout(slot.idleTimer);
    slot.unsubscribe();
    for (const response of slot.responses) abort(response);
    return true;
  }

  async function close(): Promise<void> {
    closed = true;
    clearInterval(recheck);
    await Promise.all([...held.values()].map(release));
    // A slot that is being acquired is released by its caller, who finds `closed`.
    await Promise.allSettled([...acquiring.values()].map(({ slot }) => slot));
  }

  function warn({ listener }: HeldSlot, message: string): (err: unknown) => void {
    return (err) => deps.log.warn({ err, sessionId: listener.sessionId }, message);
  }

  function isRecheckDue(slot: HeldSlot): boolean {
    return deps.elapsedMs() - slot.checkedAt >= recheckMs || slot.endpointId !== deps.endpointId();
  }
}

const abort = (response: OpenResponse): void =>
  response.end(new DomainError("session-ended", "What allowed this stream is no longer so"));
