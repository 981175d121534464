import { ulid } from "ulid";
import { leaseMs } from "../../core/domain/live/cluster/leases.ts";
import type { EndpointStore } from "../../core/domain/live/cluster/ports.ts";
import type { Clock, ElapsedMs, Log } from "../../core/domain/ports.ts";

export type RegistrationDeps = {
  readonly endpoints: Pick<EndpointStore, "put" | "renew" | "delete">;
  readonly clock: Clock;
  /** Judges the own lease: others judge it by how long they see it unchanged, whatever the wall clock does. */
  readonly elapsedMs: ElapsedMs;
  readonly log: Log;
  /** Others may have taken this process for dead: its connections must come again, under its new id. */
  readonly onLost: () => void;
};

/**
 * This process in the registry of endpoints. One lease covers all its connections; when it lapsed, or the row was
 * swept, the process begins again under another id, for its connections' rows may be gone.
 */
export function createRegistration({ endpoints, clock, elapsedMs, log, onLost }: RegistrationDeps) {
  let endpointId = ulid();
  let address = "";
  let lastLease = 0;
  let renewedAt = Number.NEGATIVE_INFINITY;

  /** Another value each time, since renewals are known by it. */
  const nextLease = (): number => {
    const next = clock.now().getTime() + leaseMs;
    lastLease = next === lastLease ? next + 1 : next;
    return lastLease;
  };

  const register = async (id: string): Promise<void> => {
    const startedAt = elapsedMs();
    await endpoints.put({ endpointId: id, kind: "node", address, leaseUntil: nextLease() });
    renewedAt = startedAt;
  };

  const beginAgain = async (): Promise<void> => {
    log.warn({ endpointId }, "The lease was lost; beginning again under another id");
    const next = ulid();
    await register(next);
    endpointId = next;
    onLost();
  };

  const extend = async (): Promise<boolean> => {
    const startedAt = elapsedMs();
    if (startedAt - renewedAt >= leaseMs || !(await endpoints.renew(endpointId, nextLease()))) return false;
    renewedAt = startedAt;
    return true;
  };

  return {
    endpointId: () => endpointId,
    /** `at`: base URL of this process's management API, as other processes reach it: `http://10.0.0.7:9090`. */
    register(at: string): Promise<void> {
      address = at;
      return register(endpointId);
    },

    /** To be called every `renewEveryMs`. Never throws: a failure is tried again with the next call. */
    async renew(): Promise<void> {
      try {
        if (!(await extend())) await beginAgain();
      } catch (error) {
        log.warn({ endpointId, err: error }, "The lease could not be renewed");
      }
    },

    deregister: (): Promise<void> => endpoints.delete(endpointId),
  };
}
