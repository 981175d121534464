import type { ElapsedMs } from "../../ports.ts";
import { createDataLoader } from "../../shared/data-loader.ts";
import type { Leases } from "./leases.ts";
import type { Endpoint, EndpointStore } from "./ports.ts";

/** Endpoints by their ids, with addresses and leases. */
export type Registry = {
  /** The endpoint; undefined where it is not registered, or dead. */
  resolve(endpointId: string): Promise<Endpoint | undefined>;
  /** All registered endpoints, dead ones too; read anew. */
  list(): Promise<readonly Endpoint[]>;
  /** Whether an endpoint that `list` gave is alive. */
  readonly isAlive: Leases["isAlive"];
};

export type RegistryDeps = {
  readonly endpoints: Pick<EndpointStore, "list">;
  readonly leases: Leases;
  readonly elapsedMs: ElapsedMs;
  /** Endpoints that the configuration names: the gateway. */
  readonly fixed: readonly Endpoint[];
};

/**
 * Keeps the table of endpoints for `cacheMs` (milliseconds). An id that is not in it, or seems dead, is looked up anew,
 * by one read for all who wait: a new endpoint must be found, and rows of a dead one are deleted by this answer.
 */
export function createRegistry(
  { endpoints, leases, elapsedMs, fixed }: RegistryDeps,
  { cacheMs = 5_000 } = {},
): Registry {
  let known: ReadonlyMap<string, Endpoint> = new Map();
  let readAt = Number.NEGATIVE_INFINITY;

  const refresh = createDataLoader<"all", readonly Endpoint[]>(
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
