import { runSeed } from "../support/random.ts";
import type { AudioDefence } from "./audio/defences.ts";
import { audioScenarios } from "./audio/scenarios.ts";
import { type AudioScenario, playAudio } from "./audio/stage.ts";
import { startAudioWorld } from "./audio/world.ts";
import type { Defence } from "./defences.ts";
import type { Divergence } from "./oracle.ts";
import { runChaos } from "./run.ts";
import { scenarios } from "./scenarios/all.ts";
import { play, type Scenario } from "./scenarios/stage.ts";
import { startWorld } from "./world/world.ts";

/**
 * `npm run chaos:prove [-- DEFENCE …]`: every promise, or those of these defences, holds, and is broken when its defence
 * is switched off.
 */
const named = process.argv.slice(2);
const isAsked = ({ defence }: { readonly defence: string }): boolean =>
  named.length === 0 || named.includes(defence);
const failures: string[] = [];
const seed = runSeed();

const asked = scenarios.filter(isAsked);
const askedOfAudio = audioScenarios.filter(isAsked);
for (const scenario of asked) await prove(scenario.defence, (off) => playAlone(scenario, off));
for (const scenario of askedOfAudio) await prove(scenario.defence, (off) => playAudioAlone(scenario, off));

/** Defences of which the schedules themselves miss each, whatever scenario there is. */
const missedBySchedules = ["commit-condition", "redo", "sequence", "asking-again"] as const;
for (const off of named.length === 0 ? missedBySchedules : []) {
  const seen = await firstDivergence(off);
  if (seen.length === 0) failures.push(`${off}: no schedule sees its absence`);
  report(`${off}, by schedules`, true, seen);
}

for (const failure of failures) console.log(`NOT PROVEN ${failure}`);
console.log(`${asked.length + askedOfAudio.length} promises, ${failures.length} not proven (SEED=${seed})`);
process.exit(failures.length > 0 ? 1 : 0);

/** Plays a scenario with its defence, and without. */
async function prove<D extends string>(
  defence: D,
  playWith: (off?: D) => Promise<readonly Divergence[]>,
): Promise<void> {
  const kept = await playWith();
  const broken = await playWith(defence);
  if (kept.length > 0) failures.push(`${defence}: ${kept[0]}`);
  if (broken.length === 0) failures.push(`${defence}: nothing is seen of its absence`);
  report(defence, kept.length === 0, broken);
}

async function playAudioAlone(scenario: AudioScenario, off?: AudioDefence): Promise<readonly Divergence[]> {
  const world = await startAudioWorld(off);
  try {
    return await playAudio(world, scenario, seed);
  } finally {
    await world.close();
  }
}

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
