import { DomainError } from "../errors.ts";
import { cheapestPlan } from "../plans.ts";
import type { Clock } from "../ports.ts";
import { compareAndSet } from "../shared/compare-and-set.ts";
import { livingSlots, oldestFirst, withEndpoints } from "./living-slots.ts";
import { type Displacement, endpointsOf, type StreamSlot, type StreamSlots } from "./slots-row.ts";

export type StreamSlotStore = {
  /** Reads consistently. */
  read(userId: string): Promise<StreamSlots>;
  /** Writes on condition that the stored version is `slots.version - 1`. @returns whether it was */
  write(userId: string, slots: StreamSlots): Promise<boolean>;
};

export type StreamSlotDeps = {
  readonly slots: StreamSlotStore;
  /** The server processes whose lease runs; slots held by any other are free. */
  readonly aliveEndpoints: () => Promise<ReadonlySet<string>>;
  /** Whether a displaced session must still wait for a wish of a person. */
  readonly isHeldBack: (sessionId: string, displacement: Displacement) => boolean;
  readonly clock: Clock;
  /** Waits a little, longer with each attempt and at random, before a lost race is run again. */
  readonly backoff: (attempt: number) => Promise<void>;
};

export type SlotClaim = {
  readonly userId: string;
  readonly sessionId: string;
  readonly endpointId: string;
  readonly deviceName: string;
  /** Names a person's wish to hear here, an id of its own for each; requests that a player makes by itself have none. */
  readonly wish?: string | undefined;
};

/** What a session got of the row. */
export type AcquiredSlot = {
  readonly order: number;
  /** Sessions whose slot it took. */
  readonly displaced: readonly string[];
  /** The version of the row that says so. */
  readonly version: number;
};

const maxAttempts = 10;
/** Bounds the row; a user's sessions are few. */
const maxDisplaced = 50;

/**
 * Acquires a slot for a session, or adds this process to the slot that the session has: one player is one slot however
 * many requests it makes, on whichever node. Where all slots of the plan are taken, the newest device takes the slot of
 * the one that began first; the session that lost it gets it back by a person's wish only, for a while.
 * One conditional row a user makes the limit exact under races.
 *
 * @param devices how many slots the plan has
 * @throws DomainError `too-many-devices` with the devices that are playing; `unavailable` after too many lost races
 */
export async function acquireSlot(
  deps: StreamSlotDeps,
  claim: SlotClaim,
  devices: number,
): Promise<AcquiredSlot> {
  const alive = await deps.aliveEndpoints();
  const { userId, sessionId, endpointId, deviceName, wish } = claim;
  let acquired: AcquiredSlot = { order: 0, displaced: [], version: 0 };
  await updateSlots(deps, userId, (slots) => {
    const version = slots.version + 1;
    const taken = livingSlots(slots.bySession, alive);
    const own = taken.get(sessionId);
    const isNewWish = wish !== undefined && own?.wish !== wish;
    if (own && !isNewWish && endpointsOf(own).includes(endpointId)) {
      acquired = { order: own.order ?? 0, displaced: [], version: slots.version };
      return undefined;
    }
    const surplus = own ? 0 : taken.size - devices + 1;
    if (surplus > 0) requireNotHeldBack(deps, claim, slots, taken, devices);
    const displaced = oldestFirst(taken).slice(0, Math.max(surplus, 0));
    const order = own && !isNewWish ? (own.order ?? 0) : version;
    const changed = new Map(taken).set(sessionId, {
      endpointId,
      ...otherEndpoints(own, endpointId),
      deviceName,
      order,
      since: own?.since ?? deps.clock.now().toISOString(),
      ...wishOf(wish ?? own?.wish),
    });
    const marks = displace(deps, { ...slots, bySession: changed }, displaced);
    marks.delete(sessionId);
    for (const id of displaced) changed.delete(id);
    acquired = { order, displaced, version };
    return { bySession: changed, displaced: marks };
  });
  return acquired;
}

/** Takes this process from a session's slot; the slot is free when no other process is left in it. */
export const releaseSlot = (
  deps: StreamSlotDeps,
  { userId, sessionId, endpointId }: Pick<SlotClaim, "userId" | "sessionId" | "endpointId">,
): Promise<void> =>
  updateSlots(deps, userId, ({ bySession, displaced }) => {
    const slot = bySession.get(sessionId);
    if (!slot || !endpointsOf(slot).includes(endpointId)) return undefined;
    const left = withEndpoints(slot, (id) => id !== endpointId);
    const changed = new Map(bySession);
    if (left) changed.set(sessionId, left);
    else changed.delete(sessionId);
    return { bySession: changed, displaced };
  });

/** Revokes the slot of a session that the plan has none for any more; it comes back by a person's wish only. */
export const revokeSlot = (
  deps: StreamSlotDeps,
  { userId, sessionId }: Pick<SlotClaim, "userId" | "sessionId">,
): Promise<void> =>
  updateSlots(deps, userId, (slots) => {
    if (!slots.bySession.has(sessionId)) return undefined;
    const bySession = new Map(slots.bySession);
    bySession.delete(sessionId);
    return { bySession, displaced: displace(deps, slots, [sessionId]) };
  });

function otherEndpoints(own: StreamSlot | undefined, endpointId: string): Partial<StreamSlot> {
  const others = own ? endpointsOf(own).filter((id) => id !== endpointId) : [];
  return others.length > 0 ? { otherEndpointIds: others } : {};
}

const wishOf = (wish: string | undefined): { wish?: string } => (wish === undefined ? {} : { wish });

function requireNotHeldBack(
  { isHeldBack }: StreamSlotDeps,
  { sessionId, wish }: SlotClaim,
  { displaced }: StreamSlots,
  taken: ReadonlyMap<string, StreamSlot>,
  devices: number,
): void {
  const displacement = displaced.get(sessionId);
  if (!displacement || (wish !== undefined && wish !== displacement.wish)) return;
  if (isHeldBack(sessionId, displacement)) throw tooManyDevices(taken, devices);
}

/** The displacements with those of `sessionIds` added; those that hold nobody back any more are dropped. */
function displace(
  { clock, isHeldBack }: StreamSlotDeps,
  { version, bySession, displaced }: StreamSlots,
  sessionIds: readonly string[],
): Map<string, Displacement> {
  const kept = [...displaced].filter(([id, displacement]) => isHeldBack(id, displacement));
  const added = sessionIds.map((id): [string, Displacement] => {
    const at = clock.now().toISOString();
    return [id, { version: version + 1, at, ...wishOf(bySession.get(id)?.wish) }];
  });
  return new Map([...kept.slice(-maxDisplaced), ...added]);
}

type Changed = Pick<StreamSlots, "bySession" | "displaced">;

async function updateSlots(
  deps: StreamSlotDeps,
  userId: string,
  change: (slots: StreamSlots) => Changed | undefined,
): Promise<void> {
  const attempt = async (): Promise<"done" | undefined> => {
    const slots = await deps.slots.read(userId);
    const changed = change(slots);
    if (!changed) return "done";
    const isWritten = await deps.slots.write(userId, { version: slots.version + 1, ...changed });
    return isWritten ? "done" : undefined;
  };
  const done = await compareAndSet(attempt, { maxAttempts, backoff: deps.backoff });
  if (!done) throw new DomainError("unavailable", "Too many devices start at the same moment; try again");
}

function tooManyDevices(taken: ReadonlyMap<string, StreamSlot>, devices: number): DomainError {
  const playingOn = [...taken.values()].map(({ deviceName }) => deviceName ?? "Another device");
  const requiredPlan = cheapestPlan((allowed) => allowed.devices > devices);
  return new DomainError(
    "too-many-devices",
    `Your plan lets ${devices === 1 ? "one device" : `${devices} devices`} play at a time, and you play on ${playingOn.join(" and ")} now. Play here to take over.`,
    { playingOn, ...(requiredPlan && { requiredPlan }) },
  );
}
