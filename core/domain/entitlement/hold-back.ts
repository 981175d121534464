import type { Clock, ElapsedMs } from "../ports.ts";
import type { Displacement } from "./slots-row.ts";
import type { StreamSlotDeps } from "./stream-slots.ts";

/** How long a displaced session waits for a person's wish, in milliseconds. */
const heldBackMs = 30_000;
/** Clocks of servers differ by less than this (milliseconds). */
const slackMs = 10_000;

const maxRemembered = 10_000;

/**
 * Tells how long a displacement holds its session back: until `heldBackMs` have passed by the wall clock, or since this
 * process saw it first. So a wall clock that went back holds nobody back for hours, and a process that begins does not
 * hold back anew.
 */
export function createHoldBack(deps: { clock: Clock; elapsedMs: ElapsedMs }): StreamSlotDeps["isHeldBack"] {
  const firstSeen = new Map<string, number>();

  function seenForMs(sessionId: string, { version, at }: Displacement): number {
    const key = `${sessionId} ${version} ${at}`;
    const now = deps.elapsedMs();
    const first = firstSeen.get(key);
    if (first !== undefined) return now - first;
    firstSeen.set(key, now);
    if (firstSeen.size > maxRemembered) firstSeen.delete(firstSeen.keys().next().value ?? "");
    return 0;
  }

  return (sessionId, displacement) => {
    const seenMs = seenForMs(sessionId, displacement);
    const passedMs = deps.clock.now().getTime() - Date.parse(displacement.at);
    return seenMs < heldBackMs && passedMs < heldBackMs + slackMs;
  };
}
