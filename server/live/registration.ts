import { ulid } from "ulid";
import type { EndpointStore } from "../../core/domain/live/ports.ts";
import { leaseMs } from "../../core/domain/live/registry.ts";
import type { Clock, Log } from "../../core/domain/ports.ts";

export type RegistrationDeps = {
  readonly endpoints: Pick<EndpointStore, "put" | "renew" | "delete">;
  readonly clock: Clock;
  readonly log: Log;
  /** Others may have taken this process for dead: its sessions must come again, under its new id. */
  readonly onLost: () => void;
};

/**
 * This process in the registry of endpoints. One lease covers all its connections; when it lapsed, or the row was
 * swept, the process begins again under another id, for its connections' rows may be gone.
 */
export type Registration = ReturnType<typeof createRegistration>;

export function createRegistration({ endpoints, clock, log, onLost }: RegistrationDeps) {
  let endpointId = ulid();
  let address = "";
  let leaseUntil = 0;

  const register = async (id: string): Promise<void> => {
    const until = clock.now().getTime() + leaseMs;
    await endpoints.put({ endpointId: id, kind: "node", address, leaseUntil: until });
    leaseUntil = until;
  };

  const beginAgain = async (): Promise<void> => {
    log.warn({ endpointId }, "The lease was lost; beginning again under another id");
    const next = ulid();
    await register(next);
    endpointId = next;
    onLost();
  };

  const extend = async (): Promise<boolean> => {
    const now = clock.now().getTime();
    if (now >= leaseUntil || !(await endpoints.renew(endpointId, now + leaseMs))) return false;
    leaseUntil = now + leaseMs;
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
