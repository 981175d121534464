import { parseArgs } from "node:util";
import { changeToDevice, type Figures, fanOut, memory, storm } from "./measures.ts";
import { open, startBench, type Target } from "./targets.ts";

/**
 * `npm run bench:live [-- --sessions 15000 --rounds 3 --only memory|storm|fan-out|change]`: a server node beside a bare `ws` server, by turns. Clients, server and
 * DynamoDB are processes of their own.
 */
const { values } = parseArgs({
  options: {
    sessions: { type: "string", default: "15000" },
    rounds: { type: "string", default: "3" },
    only: { type: "string" },
  },
});
const sessions = Number(values.sessions);
const rounds = Number(values.rounds);
const names = ["Encore", "bare ws"] as const satisfies Target["name"][];
const bench = await startBench(sessions);

try {
  if (!values.only || values.only === "memory")
    await compare("memory", 1, (target) => memory(bench, target, sessions), fresh);
  if (!values.only || values.only === "storm")
    await compare("reconnect storm", rounds, (target) => storm(bench, target, Math.min(sessions, 10_000)));
  await withSessions(Math.min(sessions, 5_000), "fan-out", (target, ids) =>
    fanOut(bench, target, ids, 4, 30_000),
  );
  await bench.database.call("push");
  await withSessions(Math.min(sessions, 1_000), "change", (target, ids) =>
    changeToDevice(bench, target, ids, 200),
  );
} finally {
  await bench.close();
}

/** Measures with so many sessions open, the same ones for all rounds. */
async function withSessions(
  count: number,
  title: string,
  measure: (target: Target, ids: readonly string[]) => Promise<Figures>,
): Promise<void> {
  if (values.only && values.only !== title) return;
  const targets = await Promise.all(names.map((name) => bench.target(name)));
  const ids = new Map<Target, readonly string[]>();
  for (const target of targets) ids.set(target, (await open(target, bench.tokens(count))).connectionIds);
  await compare(
    `${title}, ${count} sessions`,
    rounds,
    (target) => measure(target, ids.get(target) ?? []),
    async (name) => targets.find((target) => target.name === name) as Target,
    async () => {},
  );
  await Promise.all(targets.map((target) => bench.end(target)));
}

async function fresh(name: Target["name"]): Promise<Target> {
  return bench.target(name);
}

/** By turns; medians of all rounds, and the lowest and the highest. */
async function compare(
  title: string,
  times: number,
  measure: (target: Target) => Promise<Figures>,
  begin: (name: Target["name"]) => Promise<Target> = fresh,
  end: (target: Target) => Promise<void> = (target) => bench.end(target),
): Promise<void> {
  const found = new Map<Target["name"], Figures[]>(names.map((name) => [name, []]));
  for (let round = 0; round < times; round++)
    for (const name of names) {
      const target = await begin(name);
      found.get(name)?.push(await measure(target));
      await end(target);
    }
  console.log(`\n${title}`);
  for (const [name, figures] of found) console.log(`  ${name.padEnd(8)} ${describe(figures)}`);
}

function describe(rounds: readonly Figures[]): string {
  const keys = [...new Set(rounds.flatMap((figures) => Object.keys(figures)))];
  return keys
    .map((key) => {
      const values = rounds.map((figures) => figures[key] ?? 0).toSorted((a, b) => a - b);
      const [low, middle, high] = [values[0], values[values.length >> 1], values.at(-1)].map(short);
      return `${key} ${middle}${low === high ? "" : ` (${low} to ${high})`}`;
    })
    .join(", ");
}

function short(value = 0): string {
  return value.toFixed(Math.abs(value) < 100 ? 1 : 0);
}
