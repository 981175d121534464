import type { Parameters } from "fast-check";

/** Settings of a property that run anew each time; the printed seed (as `SEED`) repeats a run. */
export function seeded(name: string, numRuns: number): Parameters<unknown> {
  const seed = Number(process.env.SEED ?? Math.trunc(Math.random() * 2 ** 31));
  console.log(`${name}: SEED=${seed}`);
  return { seed, numRuns };
}
