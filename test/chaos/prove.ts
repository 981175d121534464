import type { Defence } from "./defences.ts";
import type { Divergence } from "./oracle.ts";
import { runChaos } from "./run.ts";
import { scenarios } from "./scenarios/all.ts";
import { play, type Scenario } from "./scenarios/stage.ts";
import { startWorld } from "./world/world.ts";

/** `npm run chaos:prove`: every promise holds, and is broken when its defence is switched off. */
const failures: string[] = [];

for (const scenario of scenarios) {
  const kept = await playAlone(scenario);
  const broken = await playAlone(scenario, scenario.defence);
  if (kept.length > 0) failures.push(`${scenario.defence}: ${kept[0]}`);
  if (broken.length === 0) failures.push(`${scenario.defence}: nothing is seen of its absence`);
  report(scenario.defence, kept.length === 0, broken);
}

/** Defences of which the schedules themselves miss each, whatever scenario there is. */
for (const off of ["commit-condition", "redo", "sequence", "asking-again"] as const) {
  const seen = await firstDivergence(off);
  if (seen.length === 0) failures.push(`${off}: no schedule sees its absence`);
  report(`${off}, by schedules`, true, seen);
}

for (const failure of failures) console.log(`NOT PROVEN ${failure}`);
console.log(`${scenarios.length} promises, ${failures.length} not proven`);
process.exit(failures.length > 0 ? 1 : 0);

async function playAlone(scenario: Scenario, off?: Defence): Promise<readonly Divergence[]> {
  const world = await startWorld({ off, ...scenario.world });
  try {
    return await play(world, scenario, off);
  } finally {
    await world.close();
  }
}

async function firstDivergence(off: Defence): Promise<readonly Divergence[]> {
  const onOutcome = ({ divergences }: { divergences: readonly Divergence[] }) => divergences.length > 0;
  const options = { seed: 1, schedules: 100, settleWithinMs: 20_000 };
  const { diverged } = await runChaos({ ...options, off, onOutcome });
  return diverged[0]?.divergences ?? [];
}

function report(name: string, holds: boolean, broken: readonly Divergence[]): void {
  const without = broken[0] === undefined ? "NOTHING IS SEEN" : broken[0].slice(0, 110);
  console.log(`${name.padEnd(36)} ${holds ? "holds" : "FAILS"}   without it: ${without}`);
}
