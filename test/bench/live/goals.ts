import type { Goals } from "../support/goals.ts";

/** What docs/performance.md asks of Encore, by measure. */
export const goals: Readonly<Record<string, Goals>> = {
  memory: {
    "KiB a session, from cold": { atMost: 12 },
    "KiB a session, from warm": { atMost: 12 },
    "KiB of one more": { atMost: 12 },
    sessions: { atLeast: 15_000 },
  },
  storm: { "resumes/s": { atLeast: 1_000 }, errors: { atMost: 0 } },
  "fan-out": {
    "messages/s": { atLeast: 30_000 },
    "p50 ms": { atMost: 6 },
    "p95 ms": { atMost: 28 },
    "p99 ms": { atMost: 213 },
  },
  change: { "p50 ms": { atMost: 10 }, "p99 ms": { atMost: 50 } },
};
