/** What design section 9 asks of Encore, by measure and figure. */
type Goal = { readonly atMost: number } | { readonly atLeast: number };

const goals: Readonly<Record<string, Readonly<Record<string, Goal>>>> = {
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

/** The goal of a figure and whether it is reached; empty where there is none. */
export function verdict(measure: string, figure: string, value: number): string {
  const goal = goals[measure]?.[figure];
  if (!goal) return "";
  const [sign, limit, reached] =
    "atMost" in goal ? ["≤", goal.atMost, value <= goal.atMost] : ["≥", goal.atLeast, value >= goal.atLeast];
  return `${sign} ${limit}: ${reached ? "reached" : "NOT reached"}`;
}
