import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startLiveWorld } from "../../support/live-world.ts";
import { runSeed } from "../../support/random.ts";
import { fuzzedEndpoints } from "./endpoints.ts";
import { type FuzzedEndpoint, fuzzEndpoint } from "./fuzz-endpoint.ts";
import { noFloodLimit } from "./limits.ts";
import { allowedGrowthBytes, mebibytes, settledBytes } from "./memory.ts";
import { listed, type Tally } from "./tally.ts";

/**
 * The long run: `npm run fuzz:live -- --frames 1000000 [--seed N] [--endpoint node|gateway]`. Interrupted, it reports
 * so far.
 */
const { values } = parseArgs({
  options: {
    frames: { type: "string", default: "1000000" },
    seed: { type: "string", default: String(runSeed()) },
    endpoint: { type: "string" },
  },
});
const frames = Number(values.frames);
const seed = Number(values.seed);
if (!(frames > 0) || !Number.isInteger(seed)) throw new Error("--frames and --seed are whole numbers");
if (values.endpoint !== undefined && values.endpoint !== "node" && values.endpoint !== "gateway")
  throw new Error("--endpoint is node or gateway");
const warmUpFrames = Math.min(20_000, Math.ceil(frames / 5));

let broken = false;
for (const event of ["uncaughtException", "unhandledRejection"] as const)
  process.on(event, (error) => {
    broken = true;
    console.error(`${event}:`, error);
  });

const stopping = new AbortController();
process.once("SIGINT", () => stopping.abort());
const { signal } = stopping;

async function run(endpoint: FuzzedEndpoint): Promise<void> {
  console.log(
    `The endpoint of the ${endpoint.kind}: ${frames} frames after ${warmUpFrames} to warm up, seed ${seed}`,
  );
  await fuzzEndpoint(world, endpoint, { seed: seed + 1, frames: warmUpFrames });
  const before = await settledBytes();
  const began = performance.now();
  let told = began;
  const onProgress = (tally: Tally): void => {
    if (performance.now() - told < 10_000) return;
    told = performance.now();
    console.log(
      `  ${tally.frames} frames, ${tally.connections} connections, ${mebibytes(process.memoryUsage().rss)} RSS`,
    );
  };
  const tally = await fuzzEndpoint(world, endpoint, { seed, frames, signal, onProgress });
  report(tally, (performance.now() - began) / 1000);
  const after = await settledBytes();
  broken ||= tally.faults.length > 0 || !bounded(before, after);
}

function report(tally: Tally, seconds: number): void {
  const { connections, handshakes, sent, answers, endings, faults } = tally;
  console.log(`  frames sent: ${tally.frames} in ${seconds.toFixed(0)} s (stimuli: ${listed(sent)})`);
  console.log(`  connections: ${connections}, damaged handshakes: ${handshakes}`);
  console.log(`  answers: ${listed(answers)}`);
  console.log(`  connections ended, by code: ${listed(endings)}`);
  console.log(`  faults: ${faults.length}`);
  for (const fault of faults) console.log(`    ${fault}`);
}

function bounded(before: number | undefined, after: number | undefined): boolean {
  if (before === undefined || after === undefined) {
    console.log("  memory: not measured, since gc is not exposed");
    return true;
  }
  const [from, to, bound] = [before, after, before + allowedGrowthBytes].map(mebibytes);
  console.log(`  memory in use after collection: ${from} after warming up, ${to} at the end, bound ${bound}`);
  return after <= before + allowedGrowthBytes;
}

// On disk: a database in memory keeps a day's stream records there, and is not what is to be bounded.
const dataDir = await mkdtemp(join(tmpdir(), "encore-fuzz-"));
const world = await startLiveWorld({}, { dataDir });
const endpoints = fuzzedEndpoints(world, await world.startNode({ flood: noFloodLimit }));
try {
  for (const endpoint of Object.values(endpoints))
    if (endpoint.kind === (values.endpoint ?? endpoint.kind)) await run(endpoint);
} finally {
  await world.close();
  await rm(dataDir, { recursive: true, force: true });
}
process.exitCode = broken ? 1 : 0;
