import { parseArgs } from "node:util";
import { runSeed } from "../support/random.ts";
import { runChaos } from "./run.ts";

/** `npm run chaos -- --schedules N [--seed S] [--parallel P]`: seeded schedules against real processes. */
const { values } = parseArgs({
  options: {
    schedules: { type: "string", default: "2000" },
    seed: { type: "string", default: String(runSeed()) },
    parallel: { type: "string", default: "10" },
  },
});
const [schedules, seed, parallel] = [values.schedules, values.seed, values.parallel].map(Number);
if (!schedules || seed === undefined || Number.isNaN(seed) || !parallel) {
  console.error("--schedules, --seed and --parallel are whole numbers");
  process.exit(2);
}

console.log(`${schedules} schedules from seed ${seed}, ${parallel} at a time`);
const began = performance.now();
const seconds = () => ((performance.now() - began) / 1000).toFixed(0);
const { changes, faults, restarts, diverged } = await runChaos({
  schedules,
  seed,
  parallel,
  onOutcome({ seed: of, divergences }, done) {
    for (const what of divergences) console.log(`  seed ${of}: ${what}`);
    if (done % 50 === 0) console.log(`${done} of ${schedules} after ${seconds()} s`);
    return false;
  },
});
console.log(
  `${schedules} schedules, ${changes} changes, ${faults} faults, ${restarts} processes killed or drained, ${diverged.length} schedules with divergences, in ${seconds()} s`,
);
if (diverged.length > 0)
  console.log(
    `Again: npm run chaos -- --schedules 1 --seed ${diverged.map((outcome) => outcome.seed).join(" | ")}`,
  );
// Left to itself, Node.js 24 may wait for ever for the handles of connections that were reset while they opened.
process.exit(diverged.length > 0 ? 1 : 0);
