import type { Clock, ElapsedMs } from "../../ports.ts";
import type { Endpoint } from "./ports.ts";

/** The length of a lease, and the time between two renewals, in milliseconds. */
export const leaseMs = 20_000;
export const renewEveryMs = 10_000;
/** Clocks of servers differ by less than this (milliseconds). */
export const leaseSlackMs = 10_000;

export type Leases = {
  /**
   * Whether the endpoint, as it was just read, counts as serving to other processes. It itself stops after `leaseMs`.
   */
  isAlive(endpoint: Endpoint): boolean;
};

/** The ids of the endpoints that are alive. */
export const aliveEndpointIds = (
  endpoints: readonly Endpoint[],
  { isAlive }: Pick<Leases, "isAlive">,
): ReadonlySet<string> =>
  new Set(endpoints.filter((endpoint) => isAlive(endpoint)).map(({ endpointId }) => endpointId));

export type LeasesDeps = { readonly clock: Clock; readonly elapsedMs: ElapsedMs };

/** One value of an endpoint's lease as this process has seen it; times by `elapsedMs`. */
type Sighting = {
  readonly leaseUntil: number;
  readonly firstAt: number;
  readonly lastAt: number;
  /** It was renewed after this time; minus infinity where no renewal was seen. */
  readonly renewedAfter: number;
};

const maxSightings = 10_000;
const believedMs = leaseMs + leaseSlackMs;

/**
 * Judges leases of other processes. A lease holds its owner's wall clock, and wall clocks go back and forth by hours (a
 * laptop's, a virtual machine's), so what this process has seen itself comes first: a lease that it has seen unchanged
 * for so long is over, one that it saw renewed lately is not. The wall clock decides only where nothing has been seen
 * yet; a lease that it takes for a very long one is over when it was seen unchanged.
 */
export function createLeases({ clock, elapsedMs }: LeasesDeps): Leases {
  const sightings = new Map<string, Sighting>();

  function see(endpointId: string, leaseUntil: number, now: number): Sighting {
    const last = sightings.get(endpointId);
    const sighting =
      last?.leaseUntil === leaseUntil
        ? { ...last, lastAt: now }
        : { leaseUntil, firstAt: now, lastAt: now, renewedAfter: last?.lastAt ?? Number.NEGATIVE_INFINITY };
    sightings.delete(endpointId);
    sightings.set(endpointId, sighting);
    if (sightings.size > maxSightings) sightings.delete(sightings.keys().next().value ?? "");
    return sighting;
  }

  return {
    isAlive({ endpointId, leaseUntil }) {
      if (leaseUntil === undefined) return true;
      const now = elapsedMs();
      const { firstAt, renewedAfter } = see(endpointId, leaseUntil, now);
      if (now - firstAt >= believedMs) return false;
      if (now - renewedAfter < believedMs) return true;
      return leaseUntil + leaseSlackMs > clock.now().getTime();
    },
  };
}
