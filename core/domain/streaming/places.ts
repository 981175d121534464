import { DomainError } from "../errors.ts";
import type { StreamPlace } from "../live/ports.ts";
import { cheapestPlan } from "../plans.ts";
import type { Clock } from "../ports.ts";

/** The places of one user's streaming devices, by session; `version` counts the states (0: there is no row). */
export type Places = {
  readonly version: number;
  readonly bySession: ReadonlyMap<string, StreamPlace>;
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
  readonly clock: Clock;
  /** Waits a little, longer with each attempt and at random, before a lost race is run again. */
  readonly backoff: (attempt: number) => Promise<void>;
};

export type PlaceClaim = {
  readonly userId: string;
  readonly sessionId: string;
  readonly endpointId: string;
  readonly deviceName: string;
};

const tries = 10;

/**
 * Takes a place for a session, or moves the one it has to this process: one player is one place however many
 * requests it makes, on whichever node. One conditional row a user makes the limit exact under races.
 *
 * @throws DomainError `too-many-devices` with the devices that are playing
 */
export async function takePlace(deps: PlaceDeps, claim: PlaceClaim, devices: number): Promise<void> {
  const alive = await deps.aliveEndpoints();
  await changePlaces(deps, claim.userId, (places) => {
    const taken = new Map([...places].filter(([, { endpointId }]) => alive.has(endpointId)));
    const own = taken.get(claim.sessionId);
    if (own?.endpointId === claim.endpointId) return undefined;
    if (!own && taken.size >= devices) throw tooManyDevices(taken, devices);
    const since = own?.since ?? deps.clock.now().toISOString();
    return taken.set(claim.sessionId, {
      endpointId: claim.endpointId,
      deviceName: claim.deviceName,
      since,
    });
  });
}

/** Gives a session's place back, unless it has moved to another process meanwhile. */
export const givePlaceBack = (
  deps: PlaceDeps,
  { userId, sessionId, endpointId }: Omit<PlaceClaim, "deviceName">,
): Promise<void> =>
  changePlaces(deps, userId, (places) => {
    if (places.get(sessionId)?.endpointId !== endpointId) return undefined;
    return new Map([...places].filter(([id]) => id !== sessionId));
  });

/**
 * The sessions that may go on when a plan allows fewer devices than are playing: those that began first. Every
 * node works this out from the same row, so together they end just as many as they must.
 */
export function keptSessions({ bySession }: Places, devices: number): ReadonlySet<string> {
  const order = ([id, { since = "" }]: [string, StreamPlace]) => `${since} ${id}`;
  const oldestFirst = [...bySession].sort((a, b) => (order(a) < order(b) ? -1 : 1));
  return new Set(oldestFirst.slice(0, devices).map(([sessionId]) => sessionId));
}

type Change = (places: ReadonlyMap<string, StreamPlace>) => ReadonlyMap<string, StreamPlace> | undefined;

async function changePlaces(deps: PlaceDeps, userId: string, change: Change): Promise<void> {
  for (let attempt = 0; attempt < tries; attempt++) {
    const { version, bySession } = await deps.places.read(userId);
    const changed = change(bySession);
    if (!changed) return;
    if (await deps.places.write(userId, { version: version + 1, bySession: changed })) return;
    await deps.backoff(attempt);
  }
  throw new DomainError("unavailable", "Too many devices start at the same moment; try again");
}

function tooManyDevices(taken: ReadonlyMap<string, StreamPlace>, devices: number): DomainError {
  const playingOn = [...taken.values()].map(({ deviceName }) => deviceName ?? "Another device");
  const requiredPlan = cheapestPlan((allowed) => allowed.devices > devices);
  return new DomainError(
    "too-many-devices",
    `Your plan lets ${devices === 1 ? "one device" : `${devices} devices`} play at a time. Stop ${playingOn.join(" or ")} first.`,
    { playingOn, ...(requiredPlan && { requiredPlan }) },
  );
}
