import type { ElapsedMs, Log } from "../ports.ts";
import type { ConnectionsApi, Delivered, Endpoint, Parcel } from "./ports.ts";

export type CourierDeps = {
  readonly api: ConnectionsApi;
  readonly elapsedMs: ElapsedMs;
  readonly log: Log;
  /** Waits before try number 2, 3, … */
  readonly pause: (attempt: number) => Promise<void>;
};

/** Brings parcels to endpoints; what cannot be brought is left to the clients' `pong`. */
export type Courier = {
  /** Never throws: undefined says that it was given up. */
  deliver(endpoint: Endpoint, parcel: Parcel): Promise<Delivered | undefined>;
};

/**
 * Tries a parcel `tries` times. An endpoint that failed them all is left alone for `restMs`, so that one that is
 * gone costs its neighbours nothing.
 */
export function createCourier(
  { api, elapsedMs, log, pause }: CourierDeps,
  { tries = 3, restMs = 5_000 } = {},
): Courier {
  const restsUntil = new Map<string, number>();
  const rests = (endpointId: string) => (restsUntil.get(endpointId) ?? 0) > elapsedMs();

  return {
    async deliver(endpoint, parcel) {
      const { endpointId } = endpoint;
      for (let attempt = 1; attempt <= tries && !rests(endpointId); attempt++) {
        if (attempt > 1) await pause(attempt);
        try {
          const delivered = await api.deliver(endpoint, parcel);
          restsUntil.delete(endpointId);
          return delivered;
        } catch (error) {
          log.warn({ endpointId, attempt, err: error }, "An endpoint did not take a push");
        }
      }
      if (!rests(endpointId)) restsUntil.set(endpointId, elapsedMs() + restMs);
      return undefined;
    },
  };
}
