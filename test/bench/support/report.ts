import { type Figures, inOrder, median, valuesOf } from "./figures.ts";
import { type Goals, verdict } from "./goals.ts";

/** What each server reached, round by round. */
export type Found = ReadonlyMap<string, readonly Figures[]>;

/** One line a figure: the median of all rounds of each server, the lowest and the highest, and Encore's goal beside. */
export function report(title: string, found: Found, goals: Goals = {}): void {
  const names = [...found.keys()];
  const lines = figuresOf(found).map((figure) => {
    const goal = goals[figure];
    const encore = median(valuesOf(found.get("Encore") ?? [], figure));
    const values = names.map((name) => spread(valuesOf(found.get(name) ?? [], figure)));
    return [`  ${figure}`, ...values, goal ? verdict(goal, encore) : ""];
  });
  print([[title, ...names, Object.keys(goals).length > 0 ? "target" : ""], ...lines]);
}

/** The same with one line a server, where there are many. */
export function reportByServer(title: string, found: Found): void {
  const figures = figuresOf(found);
  const lines = [...found].map(([name, rounds]) => [
    `  ${name}`,
    ...figures.map((figure) => spread(valuesOf(rounds, figure))),
  ]);
  print([[title, ...figures], ...lines]);
}

const figuresOf = (found: Found): string[] => [
  ...new Set([...found.values()].flat().flatMap((round) => Object.keys(round))),
];

/** Each column as wide as it must be. */
function print(lines: readonly (readonly string[])[]): void {
  const widths = (lines[0] ?? []).map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)) + 2);
  const text = lines.map((line) =>
    line
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join("")
      .trimEnd(),
  );
  console.log(`\n${text.join("\n")}`);
}

function spread(values: readonly number[]): string {
  if (values.length === 0) return "–";
  const sorted = inOrder(values);
  const [low, high] = [short(sorted[0]), short(sorted.at(-1))];
  return `${short(median(values))}${low === high ? "" : ` (${low} to ${high})`}`;
}

function short(value = Number.NaN): string {
  if (Number.isNaN(value)) return "–";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size < 10 ? 2 : size < 100 ? 1 : 0);
}
