import type { Door } from "./state.ts";

/** How long a door that failed is tried after the others. */
const shunnedForMs = 60_000;

/** Remembers which doors failed lately, so that a device prefers the one that works and returns in time. */
export function createDoorMemory(now: () => number) {
  const shunnedUntil = new Map<string, number>();
  const shunned = ({ url }: Door) => (shunnedUntil.get(url) ?? 0) > now();

  return {
    failed: ({ url }: Door) => void shunnedUntil.set(url, now() + shunnedForMs),
    worked: ({ url }: Door) => void shunnedUntil.delete(url),
    /** The server's order, with doors that failed lately at the end. */
    inOrder: (doors: readonly Door[]): Door[] => [
      ...doors.filter((door) => !shunned(door)),
      ...doors.filter(shunned),
    ],
  };
}
