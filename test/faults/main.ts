import { parseArgs } from "node:util";
import { runSeed } from "../support/random.ts";
import { fillDisks } from "./full-disks.ts";
import { cutPower, type Outcome } from "./power-cuts.ts";
import { canMount } from "./volume.ts";

/** `npm run test:faults -- [--full N] [--power N] [--seed S]`: full disks and power cuts under all of Encore. */
const { values } = parseArgs({
  options: {
    full: { type: "string", default: "200" },
    power: { type: "string", default: "200" },
    seed: { type: "string", default: String(runSeed()) },
  },
});
const [full = Number.NaN, power = Number.NaN, seed = Number.NaN] = [
  values.full,
  values.power,
  values.seed,
].map(Number);
if (![full, power, seed].every(Number.isInteger)) {
  console.error("--full, --power and --seed are whole numbers");
  process.exit(2);
}
if (!(await canMount())) {
  console.error("Full disks and power cuts need file systems of their own: run this as root, with mkfs.ext4");
  process.exit(2);
}

/** Of one run: a store that stays broken fails at every change. */
const shownFailures = 10;
/** So many power cuts come from one run of Encore; the next run has a seed of its own. */
const cutsPerRun = 20;

console.log(`${full} full disks, ${power} power cuts, seed ${seed}`);
const outcomes: Outcome[] = [];
for (let done = 0; done < full; done += 10)
  await tell(`full disks ${done + 1} to ${Math.min(full, done + 10)}`, () =>
    fillDisks(Math.min(10, full - done), seed + done),
  );
for (let done = 0; done < power; done += cutsPerRun)
  await tell(`power cuts ${done + 1} to ${Math.min(power, done + cutsPerRun)}`, () =>
    cutPower(Math.min(cutsPerRun, power - done), seed + done),
  );
const sum = (of: (outcome: Outcome) => number) => outcomes.reduce((total, outcome) => total + of(outcome), 0);
const failed = sum(({ failures }) => failures.length);
console.log(
  `${sum(({ faults }) => faults)} faults, ${sum((o) => o.acknowledged)} acknowledged, ${failed} failures`,
);
process.exit(failed > 0 ? 1 : 0);

async function tell(what: string, run: () => Promise<Outcome>): Promise<void> {
  const began = performance.now();
  const outcome = await run();
  outcomes.push(outcome);
  const seconds = ((performance.now() - began) / 1000).toFixed(0);
  console.log(
    `${what}: ${outcome.acknowledged} acknowledged, ${outcome.failures.length} failures, ${seconds} s`,
  );
  for (const failure of outcome.failures.slice(0, shownFailures)) console.log(`  ${failure}`);
}
