import type { Goals } from "../support/goals.ts";

/** What docs/performance.md asks of Encore: requests a second of warm ranges, in multiples of nginx. */
export const sizes = [
  { name: "64 KiB", bytes: 64 * 1024, timesNginx: 1 },
  { name: "256 KiB", bytes: 256 * 1024, timesNginx: 1.2 },
  { name: "1 MiB", bytes: 1024 * 1024, timesNginx: 1.5 },
] as const;

export type Size = (typeof sizes)[number];

export const coldGoals: Goals = { "times direct": { atMost: 1.2 } };
