import { parseArgs } from "node:util";
import { checkDescriptors } from "../support/descriptors.ts";
import type { Figures } from "../support/figures.ts";
import { report } from "../support/report.ts";
import { goals } from "./goals.ts";
import { changeToDevice, fanOut, memory, storm } from "./measures.ts";
import { open, startBench, type Target } from "./targets.ts";

/**
 * `npm run bench:live [-- --sessions 15000 --rounds 3 --only memory|storm|fan-out|change]`: a server node beside a bare
 * `ws` server, by turns. Clients, servers and DynamoDB are processes of their own.
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
const isAsked = (measure: string): boolean => values.only === undefined || values.only === measure;

checkDescriptors("sessions", sessions);
const bench = await startBench(sessions);
try {
  if (isAsked("memory")) await compare("memory", sessions, 1, (target) => memory(bench, target, sessions));
  if (isAsked("storm")) {
    const count = Math.min(sessions, 10_000);
    await compare("storm", count, rounds, (target) => storm(bench, target, count));
  }
  if (isAsked("fan-out"))
    await compareOpen("fan-out", Math.min(sessions, 5_000), (target, ids) =>
      fanOut(bench, target, ids, 4, 30_000),
    );
  if (isAsked("change")) {
    await bench.database.call("push");
    await compareOpen("change", Math.min(sessions, 1_000), (target, ids) =>
      changeToDevice(bench, target, ids, 200),
    );
  }
} finally {
  await bench.close();
}

/** Each round on a server of its own. */
async function compare(
  measure: string,
  count: number,
  times: number,
  take: (target: Target) => Promise<Figures>,
): Promise<void> {
  await byTurns(measure, count, times, async (name) => {
    const target = await bench.target(name);
    const figures = await take(target);
    await bench.end(target);
    return figures;
  });
}

/** All rounds on the same servers, with so many sessions open at each. */
async function compareOpen(
  measure: string,
  count: number,
  take: (target: Target, ids: readonly string[]) => Promise<Figures>,
): Promise<void> {
  const ready = new Map<string, { target: Target; ids: readonly string[] }>();
  for (const name of names) {
    const target = await bench.target(name);
    ready.set(name, { target, ids: await open(target, bench.tokens(count)) });
  }
  await byTurns(measure, count, rounds, (name) => {
    const found = ready.get(name);
    if (!found) throw new Error(`${name} was not started`);
    return take(found.target, found.ids);
  });
  for (const { target } of ready.values()) await bench.end(target);
}

async function byTurns(
  measure: string,
  count: number,
  times: number,
  take: (name: Target["name"]) => Promise<Figures>,
): Promise<void> {
  const found = new Map(names.map((name) => [name as string, [] as Figures[]]));
  for (let round = 0; round < times; round++)
    for (const name of names) found.get(name)?.push(await take(name));
  report(`${measure}, ${count} sessions`, found, goals[measure]);
}
