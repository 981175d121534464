import { verdict } from "./goals.ts";
import type { Figures } from "./measures.ts";

/** One line a figure: the median of all rounds of each server, the lowest and the highest, and Encore's goal beside. */
export function report(measure: string, title: string, found: ReadonlyMap<string, readonly Figures[]>): void {
  const names = [...found.keys()];
  const figures = [...new Set([...found.values()].flat().flatMap((round) => Object.keys(round)))];
  console.log(`\n${line(title, names, "target")}`);
  for (const figure of figures) {
    const columns = names.map((name) => spread(valuesOf(found.get(name) ?? [], figure)));
    const encore = valuesOf(found.get("Encore") ?? [], figure);
    console.log(line(`  ${figure}`, columns, verdict(measure, figure, median(encore))));
  }
}

const line = (first: string, columns: readonly string[], last: string): string =>
  `${first.padEnd(40)}${columns.map((column) => column.padEnd(28)).join("")}${last}`.trimEnd();

const valuesOf = (rounds: readonly Figures[], figure: string): number[] =>
  rounds.flatMap((round) => round[figure] ?? []).toSorted((a, b) => a - b);

const median = (sorted: readonly number[]): number => sorted[sorted.length >> 1] ?? Number.NaN;

function spread(sorted: readonly number[]): string {
  if (sorted.length === 0) return "–";
  const [low, high] = [short(sorted[0]), short(sorted.at(-1))];
  return `${short(median(sorted))}${low === high ? "" : ` (${low} to ${high})`}`;
}

function short(value = Number.NaN): string {
  if (Number.isInteger(value)) return String(value);
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0);
}
