import type { Clock, Log } from "../ports.ts";
import type { Courier } from "./courier.ts";
import { parcelsFor } from "./parcels.ts";
import {
  type ConnectionRow,
  type ConnectionStore,
  type Delivered,
  type Endpoint,
  endpointsOf,
  type Parcel,
  type Reach,
  type SongEvent,
} from "./ports.ts";
import type { Registry } from "./registry.ts";
import type { Telling, UserTelling } from "./tellings.ts";

export type PushDeps = {
  readonly connections: Pick<ConnectionStore, "reach" | "deleteUnchanged">;
  readonly registry: Registry;
  readonly courier: Courier;
  readonly clock: Clock;
  readonly log: Log;
};

export type PushOptions = {
  /** Users who are told at the same time. */
  readonly parallel?: number;
  /** A delivery that takes longer goes on without being waited for, in milliseconds. */
  readonly patienceMs?: number;
};

/** A telling and the name of the record it came from. */
export type Told = { readonly telling: Telling; readonly recordId: string };

/**
 * Tells each user's devices, in order, and each node of songs; nobody waits for another, nor for an endpoint that does
 * not answer.
 * @returns the records to be delivered again: those of which it could not be read whom to tell
 */
export async function push(
  deps: PushDeps,
  tellings: readonly Told[],
  options: PushOptions = {},
): Promise<readonly string[]> {
  const ofSong = ({ telling }: Told): boolean => telling.kind === "song-changed";
  const [ofSongs, ofUsers] = partition(tellings, ofSong);
  const failed = await Promise.all([
    tellUsers(deps, ofUsers as readonly ToldUser[], options),
    tellNodes(deps, ofSongs, options),
  ]);
  return failed.flat();
}

type ToldUser = Told & { readonly telling: UserTelling };

async function tellUsers(
  deps: PushDeps,
  tellings: readonly ToldUser[],
  { parallel = 64, patienceMs = defaultPatienceMs }: PushOptions,
): Promise<readonly string[]> {
  const users = [...Map.groupBy(tellings, ({ telling }) => telling.userId)];
  const failed: string[] = [];
  const next = async (): Promise<void> => {
    for (let user = users.pop(); user; user = users.pop()) {
      const [userId, told] = user;
      try {
        await tellUser(deps, userId, told, patienceMs);
      } catch (error) {
        deps.log.error({ userId, err: error }, "A user could not be told");
        failed.push(...told.map(({ recordId }) => recordId));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(parallel, users.length) }, next));
  return failed;
}

/** A song may be known to any node, whoever listens there. */
async function tellNodes(
  { registry, courier, log }: PushDeps,
  told: readonly Told[],
  { patienceMs = defaultPatienceMs }: PushOptions,
): Promise<readonly string[]> {
  if (told.length === 0) return [];
  const events = told.map(({ telling }) => telling as SongEvent);
  try {
    const nodes = (await registry.list()).filter(
      (endpoint) => endpoint.kind === "node" && registry.isAlive(endpoint),
    );
    const deliveries = nodes.map(async (node) => void (await courier.deliver(node, { posts: [], events })));
    await within(patienceMs, settled(log, deliveries));
    return [];
  } catch (error) {
    log.error({ err: error }, "No node could be told of songs");
    return told.map(({ recordId }) => recordId);
  }
}

const defaultPatienceMs = 300;

async function tellUser(
  deps: PushDeps,
  userId: string,
  told: readonly ToldUser[],
  patienceMs: number,
): Promise<void> {
  const reach = await deps.connections.reach(userId);
  const endpoints = await resolveAll(deps.registry, reach, told);
  const [living, left] = partition(reach.connections, ({ endpointId }) => endpoints.has(endpointId));
  const parcels = parcelsFor(
    told.map(({ telling }) => telling),
    { ...reach, connections: living },
  );
  const deliveries = [...parcels].flatMap(([endpointId, parcel]) => {
    const endpoint = endpoints.get(endpointId);
    return endpoint ? [deliver(deps, endpoint, parcel, living)] : [];
  });
  const cleaning = left.map((row) => deps.connections.deleteUnchanged(row));
  await within(patienceMs, settled(deps.log, [...deliveries, ...cleaning]));
}

async function resolveAll(
  registry: Registry,
  { connections, places }: Reach,
  told: readonly ToldUser[],
): Promise<ReadonlyMap<string, Endpoint>> {
  const ids = new Set([
    ...connections.map(({ endpointId }) => endpointId),
    ...[...places.values()].flatMap(endpointsOf),
    // A place that was revoked is in the user's row no more.
    ...told.flatMap(({ telling }) => (telling.kind === "places-revoked" ? telling.endpointIds : [])),
  ]);
  const found = await Promise.all([...ids].map((id) => registry.resolve(id)));
  return new Map(found.flatMap((endpoint) => (endpoint ? [[endpoint.endpointId, endpoint]] : [])));
}

async function deliver(
  { courier, connections, clock }: PushDeps,
  endpoint: Endpoint,
  parcel: Parcel,
  rows: readonly ConnectionRow[],
): Promise<void> {
  const delivered = await courier.deliver(endpoint, parcel);
  const gone = goneRows(delivered, rows, clock.now());
  await Promise.all(gone.map((row) => connections.deleteUnchanged(row)));
}

/** A gateway says 410 of a connection until `$connect` has returned; `hello` comes after that. */
const establishingMs = 60_000;

function goneRows(
  delivered: Delivered | undefined,
  rows: readonly ConnectionRow[],
  now: Date,
): readonly ConnectionRow[] {
  const gone = new Set(delivered?.gone);
  return rows.filter(
    ({ connectionId, device, since }) =>
      gone.has(connectionId) && (device !== undefined || Date.parse(since) + establishingMs < now.getTime()),
  );
}

/** Waits for all, and only notes what fails: the next push or the sweep meets the same row again. */
async function settled(log: Log, work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") log.warn({ err: result.reason }, "A row could not be cleaned up");
  }
}

async function within(milliseconds: number, work: Promise<void>): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, milliseconds);
  await Promise.race([work, late.promise]);
  clearTimeout(timer);
}

function partition<T>(items: readonly T[], holds: (item: T) => boolean): [T[], T[]] {
  return [items.filter(holds), items.filter((item) => !holds(item))];
}
