import type { ElapsedMs } from "../../ports.ts";
import { createLoader } from "../loader.ts";
import type { Leases } from "./leases.ts";
import type { Endpoint, EndpointStore } from "./ports.ts";

/** The one way from an endpoint's id to its address. */
export type Registry = {
  /** The endpoint if it is registered and alive. */
  resolve(endpointId: string): Promise<Endpoint | undefined>;
  /** Everything that is registered, dead endpoints too; read afresh. */
  list(): Promise<readonly Endpoint[]>;
  /** Whether one of what `list` gave is alive. */
  readonly isAlive: Leases["isAlive"];
};

export type RegistryDeps = {
  readonly endpoints: Pick<EndpointStore, "list">;
  readonly leases: Leases;
  readonly elapsedMs: ElapsedMs;
  /** Endpoints that are there by configuration: the gateway. */
  readonly fixed: readonly Endpoint[];
};

/**
 * Remembers the table of endpoints for `cacheMs`. An id that is not in it, or seems dead, is looked up afresh, by
 * one read for all who wait: a new endpoint must be found, and rows of a dead one are deleted on this word.
 */
export function createRegistry(
  { endpoints, leases, elapsedMs, fixed }: RegistryDeps,
  { cacheMs = 5_000 } = {},
): Registry {
  let known: ReadonlyMap<string, Endpoint> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  const refresh = createLoader<"all", readonly Endpoint[]>(
    async () => {
      const found = [...fixed, ...(await endpoints.list())];
      known = new Map(found.map((endpoint) => [endpoint.endpointId, endpoint]));
      readAt = elapsedMs();
      return new Map([["all", found]]);
    },
    { windowMs: 0, maxKeys: Number.POSITIVE_INFINITY },
  );
  const living = (endpointId: string): Endpoint | undefined => {
    const endpoint = known.get(endpointId);
    return endpoint && leases.isAlive(endpoint) ? endpoint : undefined;
  };

  return {
    async resolve(endpointId) {
      const fresh = elapsedMs() - readAt < cacheMs;
      const remembered = fresh ? living(endpointId) : undefined;
      if (remembered) return remembered;
      await refresh("all");
      return living(endpointId);
    },

    list: async () => (await refresh("all")) ?? [],
    isAlive: leases.isAlive,
  };
}
