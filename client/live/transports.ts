import type { Transport } from "./state.ts";

/** How long a transport that failed is tried after the others, in milliseconds. */
const coolDownMs = 60_000;

/**
 * Remembers which transports failed lately, so that a device prefers one that works, and comes back to the first in
 * time.
 */
export function createTransportMemory(now: () => number) {
  const coolingDownUntil = new Map<string, number>();
  const isCoolingDown = ({ url }: Transport) => (coolingDownUntil.get(url) ?? 0) > now();

  return {
    failed: ({ url }: Transport) => void coolingDownUntil.set(url, now() + coolDownMs),
    worked: ({ url }: Transport) => void coolingDownUntil.delete(url),
    /** The server's order, but transports that are cooling down come last. */
    inOrder: (transports: readonly Transport[]): Transport[] => [
      ...transports.filter((transport) => !isCoolingDown(transport)),
      ...transports.filter(isCoolingDown),
    ],
  };
}
