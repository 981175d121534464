/** What one round found, by the figure's name. */
export type Figures = Readonly<Record<string, number>>;

const percentile = (sorted: ArrayLike<number>, of: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor((sorted.length * of) / 100))] ?? Number.NaN;

export const percentiles = (sorted: ArrayLike<number>) => ({
  "p50 ms": percentile(sorted, 50),
  "p95 ms": percentile(sorted, 95),
  "p99 ms": percentile(sorted, 99),
});

export const inOrder = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

export const median = (values: readonly number[]): number =>
  inOrder(values)[values.length >> 1] ?? Number.NaN;

/** One figure of every round that has it. */
export const valuesOf = (rounds: readonly Figures[], figure: string): number[] =>
  rounds.flatMap((round) => round[figure] ?? []);
