import type { ElapsedMs, Log } from "../../ports.ts";
import type { Endpoint } from "../cluster/ports.ts";
import type { ConnectionsApi, DeliveryResult, PushBatch } from "./ports.ts";

export type PushDispatcherDeps = {
  readonly api: ConnectionsApi;
  readonly elapsedMs: ElapsedMs;
  readonly log: Log;
  /** Waits before attempt number 2, 3, … */
  readonly pause: (attempt: number) => Promise<void>;
};

/** Sends push batches to endpoints. What could not be sent, clients find out by the revision in `pong`. */
export type PushDispatcher = {
  /** Never throws. @returns undefined where it was given up */
  dispatch(endpoint: Endpoint, batch: PushBatch): Promise<DeliveryResult | undefined>;
};

/**
 * Tries a batch `maxAttempts` times, behind one circuit breaker for each endpoint: one that failed them all gets nothing
 * for `circuitOpenMs` (milliseconds), so that an endpoint that is gone costs its neighbours nothing.
 */
export function createPushDispatcher(
  { api, elapsedMs, log, pause }: PushDispatcherDeps,
  { maxAttempts = 3, circuitOpenMs = 5_000 } = {},
): PushDispatcher {
  const openUntil = new Map<string, number>();
  const isOpen = (endpointId: string) => (openUntil.get(endpointId) ?? 0) > elapsedMs();

  return {
    async dispatch(endpoint, batch) {
      const { endpointId } = endpoint;
      for (let attempt = 1; attempt <= maxAttempts && !isOpen(endpointId); attempt++) {
        if (attempt > 1) await pause(attempt);
        try {
          const result = await api.deliver(endpoint, batch);
          openUntil.delete(endpointId);
          return result;
        } catch (error) {
          log.warn({ endpointId, attempt, err: error }, "An endpoint did not take a push");
        }
      }
      if (!isOpen(endpointId)) openUntil.set(endpointId, elapsedMs() + circuitOpenMs);
      return undefined;
    },
  };
}
