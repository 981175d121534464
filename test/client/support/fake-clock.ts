import type { ClientClock } from "../../../client/clock.ts";

/** A clock whose hands only the test moves. */
export function createFakeClock(
  start = 1_000_000,
): ClientClock & { advance(ms: number): void; pending(): number } {
  let now = start;
  let timers: { at: number; then: () => void }[] = [];

  return {
    now: () => now,
    after(ms, then) {
      const timer = { at: now + ms, then };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const end = now + ms;
      for (;;) {
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers = timers.filter((other) => other !== next);
        now = Math.max(now, next.at);
        next.then();
      }
      now = end;
    },
    pending: () => timers.length,
  };
}
