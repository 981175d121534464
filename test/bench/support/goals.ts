export type Goal = { readonly atMost: number } | { readonly atLeast: number };
/** By the figure's name. */
export type Goals = Readonly<Record<string, Goal>>;

/** A goal and whether a value reaches it. */
export function verdict(goal: Goal, value: number): string {
  const [sign, limit, reached] =
    "atMost" in goal ? ["≤", goal.atMost, value <= goal.atMost] : ["≥", goal.atLeast, value >= goal.atLeast];
  return `${sign} ${limit}: ${reached ? "reached" : "NOT reached"}`;
}
