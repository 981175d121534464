import { DomainError } from "../errors.ts";
import { endpointsOf, type StreamPlace } from "../live/cluster/ports.ts";
import { cheapestPlan } from "../plans.ts";
import type { Clock } from "../ports.ts";

/** A session whose place another device took, at one version of the row. */
export type Displacement = {
  readonly version: number;
  /** ISO 8601, by the clock of the process that wrote it. */
  readonly at: string;
  /** The wish that the session had its place by: naming it again is no new wish. */
  readonly wish?: string;
};

/** The places of one user's streaming devices, by session; `version` counts the states (0: there is no row). */
export type Places = {
  readonly version: number;
  readonly bySession: ReadonlyMap<string, StreamPlace>;
  readonly displaced: ReadonlyMap<string, Displacement>;
};

export type PlaceStore = {
  /** Consistent. */
  read(userId: string): Promise<Places>;
  /** Writes on condition that the stored version is `places.version - 1`. False: it was not. */
  write(userId: string, places: Places): Promise<boolean>;
};

export type PlaceDeps = {
  readonly places: PlaceStore;
  /** The server processes whose lease runs; places held by any other are free. */
  readonly aliveEndpoints: () => Promise<ReadonlySet<string>>;
  /** Whether a displaced session must still wait for a wish of a person. */
  readonly isHeldBack: (sessionId: string, displacement: Displacement) => boolean;
  readonly clock: Clock;
  /** Waits a little, longer with each attempt and at random, before a lost race is run again. */
  readonly backoff: (attempt: number) => Promise<void>;
};

export type PlaceClaim = {
  readonly userId: string;
  readonly sessionId: string;
  readonly endpointId: string;
  readonly deviceName: string;
  /** Names a person's wish to hear here, an id of its own for each; requests that a player makes by itself have none. */
  readonly wish?: string | undefined;
};

/** What a session has in the row. */
export type PlaceGrant = {
  readonly order: number;
  /** Sessions whose place it took, and the version of the row that says so. */
  readonly displaced: readonly string[];
  readonly version: number;
};

const tries = 10;
/** Bounds the row; a user's sessions are few. */
const maxDisplaced = 50;

/**
 * Takes a place for a session, or has this process share the one that it has: one player is one place however many
 * requests it makes, on whichever node. Where all places of the plan are taken, the newest device takes that of the one
 * that began first; a session that lost its place so gets it back by a person's wish only, for a while.
 * One conditional row a user makes the limit exact under races.
 *
 * @throws DomainError `too-many-devices` with the devices that are playing
 */
export async function takePlace(deps: PlaceDeps, claim: PlaceClaim, devices: number): Promise<PlaceGrant> {
  const alive = await deps.aliveEndpoints();
  const { userId, sessionId, endpointId, deviceName, wish } = claim;
  let grant: PlaceGrant = { order: 0, displaced: [], version: 0 };
  await changePlaces(deps, userId, (places) => {
    const version = places.version + 1;
    const taken = livingPlaces(places.bySession, alive);
    const own = taken.get(sessionId);
    const isNewWish = wish !== undefined && own?.wish !== wish;
    if (own && !isNewWish && endpointsOf(own).includes(endpointId)) {
      grant = { order: own.order ?? 0, displaced: [], version: places.version };
      return undefined;
    }
    const surplus = own ? 0 : taken.size - devices + 1;
    if (surplus > 0) refuseDisplaced(deps, claim, places, taken, devices);
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
    const marks = displace(deps, { ...places, bySession: changed }, displaced);
    marks.delete(sessionId);
    for (const id of displaced) changed.delete(id);
    grant = { order, displaced, version };
    return { bySession: changed, displaced: marks };
  });
  return grant;
}

/** Gives a session's place back, unless it streams at another process too. */
export const givePlaceBack = (
  deps: PlaceDeps,
  { userId, sessionId, endpointId }: Pick<PlaceClaim, "userId" | "sessionId" | "endpointId">,
): Promise<void> =>
  changePlaces(deps, userId, ({ bySession, displaced }) => {
    const place = bySession.get(sessionId);
    if (!place || !endpointsOf(place).includes(endpointId)) return undefined;
    const left = withEndpoints(place, (id) => id !== endpointId);
    const changed = new Map(bySession);
    if (left) changed.set(sessionId, left);
    else changed.delete(sessionId);
    return { bySession: changed, displaced };
  });

/** Takes the places of sessions that a plan has none for any more, so that they come back by a person's wish only. */
export const withdrawPlace = (
  deps: PlaceDeps,
  { userId, sessionId }: Pick<PlaceClaim, "userId" | "sessionId">,
): Promise<void> =>
  changePlaces(deps, userId, (places) => {
    if (!places.bySession.has(sessionId)) return undefined;
    const bySession = new Map(places.bySession);
    bySession.delete(sessionId);
    return { bySession, displaced: displace(deps, places, [sessionId]) };
  });

/** Whether a session still has a place, and by this process. */
export function holdsPlace(
  { bySession }: Places,
  { sessionId, endpointId }: { readonly sessionId: string; readonly endpointId: string },
): boolean {
  const place = bySession.get(sessionId);
  return place !== undefined && endpointsOf(place).includes(endpointId);
}

/**
 * The sessions that may go on when a plan allows fewer devices than are playing: those that began last. Every
 * node works this out from the same row, so together they end just as many as they must.
 */
export function keptSessions(
  { bySession }: Places,
  alive: ReadonlySet<string>,
  devices: number,
): ReadonlySet<string> {
  return new Set(oldestFirst(livingPlaces(bySession, alive)).slice(-devices));
}

function oldestFirst(places: ReadonlyMap<string, StreamPlace>): string[] {
  const byOrder = (
    [a, { order: left = 0 }]: [string, StreamPlace],
    [b, { order: right = 0 }]: [string, StreamPlace],
  ) => left - right || (a < b ? -1 : 1);
  return [...places].sort(byOrder).map(([sessionId]) => sessionId);
}

function livingPlaces(
  places: ReadonlyMap<string, StreamPlace>,
  alive: ReadonlySet<string>,
): Map<string, StreamPlace> {
  const living = [...places].flatMap(([sessionId, place]): [string, StreamPlace][] => {
    const left = withEndpoints(place, (id) => alive.has(id));
    return left ? [[sessionId, left]] : [];
  });
  return new Map(living);
}

function withEndpoints(place: StreamPlace, keeps: (endpointId: string) => boolean): StreamPlace | undefined {
  const { otherEndpointIds: _, ...rest } = place;
  const [endpointId, ...others] = endpointsOf(place).filter(keeps);
  if (endpointId === undefined) return undefined;
  return { ...rest, endpointId, ...(others.length > 0 && { otherEndpointIds: others }) };
}

function otherEndpoints(own: StreamPlace | undefined, endpointId: string): Partial<StreamPlace> {
  const others = own ? endpointsOf(own).filter((id) => id !== endpointId) : [];
  return others.length > 0 ? { otherEndpointIds: others } : {};
}

const wishOf = (wish: string | undefined): { wish?: string } => (wish === undefined ? {} : { wish });

function refuseDisplaced(
  { isHeldBack }: PlaceDeps,
  { sessionId, wish }: PlaceClaim,
  { displaced }: Places,
  taken: ReadonlyMap<string, StreamPlace>,
  devices: number,
): void {
  const displacement = displaced.get(sessionId);
  if (!displacement || (wish !== undefined && wish !== displacement.wish)) return;
  if (isHeldBack(sessionId, displacement)) throw tooManyDevices(taken, devices);
}

/** The displacements to be kept, with some more; what nobody is held back by any more goes. */
function displace(
  { clock, isHeldBack }: PlaceDeps,
  { version, bySession, displaced }: Places,
  sessionIds: readonly string[],
): Map<string, Displacement> {
  const kept = [...displaced].filter(([id, displacement]) => isHeldBack(id, displacement));
  const added = sessionIds.map((id): [string, Displacement] => {
    const at = clock.now().toISOString();
    return [id, { version: version + 1, at, ...wishOf(bySession.get(id)?.wish) }];
  });
  return new Map([...kept.slice(-maxDisplaced), ...added]);
}

type Changed = Pick<Places, "bySession" | "displaced">;

async function changePlaces(
  deps: PlaceDeps,
  userId: string,
  change: (places: Places) => Changed | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const places = await deps.places.read(userId);
    const changed = change(places);
    if (!changed) return;
    if (await deps.places.write(userId, { version: places.version + 1, ...changed })) return;
    await deps.backoff(attempt);
  }
  throw new DomainError("unavailable", "Too many devices start at the same moment; try again");
}

function tooManyDevices(taken: ReadonlyMap<string, StreamPlace>, devices: number): DomainError {
  const playingOn = [...taken.values()].map(({ deviceName }) => deviceName ?? "Another device");
  const requiredPlan = cheapestPlan((allowed) => allowed.devices > devices);
  return new DomainError(
    "too-many-devices",
    `Your plan lets ${devices === 1 ? "one device" : `${devices} devices`} play at a time, and you play on ${playingOn.join(" and ")} now. Play here to take over.`,
    { playingOn, ...(requiredPlan && { requiredPlan }) },
  );
}
