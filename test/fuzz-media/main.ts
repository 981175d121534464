import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createAudioInspector } from "../../lambdas/audio/inspect.ts";
import { createDice } from "../chaos/fuzz/dice.ts";
import { createRandom } from "../support/random.ts";
import { corpusIn, ownCorpus, type Specimen } from "./corpus.ts";
import { mutate } from "./mutations.ts";
import { type Outcome, runCase } from "./run-case.ts";

const { values } = parseArgs({
  options: {
    files: { type: "string", default: "20000" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    corpus: { type: "string", multiple: true, default: [] },
    keep: { type: "string", default: "fuzz-media-failures" },
  },
});
const seed = Number(values.seed);
const files = Number(values.files);
/** What nobody may be kept waiting for (ms). */
const maxStallMs = 100;
/** The most that a process which looks into files may take (MiB): its own limit and what it takes until it is seen. */
const maxMemoryMiB = 1_024;

const corpus = [...(await ownCorpus()), ...(await Promise.all(values.corpus.map(corpusIn))).flat()];
console.log(`${files} files from ${corpus.length}, --seed ${seed}`);

const inspector = createAudioInspector();
const tally: Record<Outcome, number> = { inspected: 0, refused: 0, picture: 0, "no picture": 0 };
const worst = { stallMs: 0, caseMs: 0, memoryMiB: 0 };
const failures: string[] = [];
const started = performance.now();
let next = 0;
// Two at a time, as uploads come.
await Promise.all([work(), work()]);
await inspector.close();
const seconds = ((performance.now() - started) / 1000).toFixed(0);
console.log(JSON.stringify({ seed, files, seconds, ...tally, ...worst, failures: failures.length }));
process.exit(failures.length > 0 ? 1 : 0);

async function work(): Promise<void> {
  for (let number = next++; number < files; number = next++) {
    const bytes = inputOf(number);
    const failure = await judge(bytes.bytes, bytes.isPicture, 3);
    if (failure) await keep(number, bytes.bytes, failure);
    if (number % 1_000 === 999) console.log(`${number + 1}: ${JSON.stringify({ ...tally, ...worst })}`);
  }
}

/** Each file follows from the seed and its number alone. */
function inputOf(number: number): { bytes: Buffer; isPicture: boolean } {
  const dice = createDice(createRandom(seed * 1_000_003 + number));
  const specimen: Specimen = dice.pick(corpus);
  const other = dice.pick(corpus);
  return { bytes: mutate(specimen.bytes, other.bytes, dice), isPicture: specimen.isPicture ?? false };
}

/** A stall counts when it comes each time: a first call compiles its code. */
async function judge(bytes: Buffer, isPicture: boolean, tries: number): Promise<string | undefined> {
  const watch = watchEventLoop();
  const began = performance.now();
  try {
    tally[await runCase(inspector, { bytes, isPicture })] += 1;
  } catch (error) {
    return String(error instanceof Error ? error.stack : error);
  } finally {
    watch.stop();
  }
  worst.caseMs = Math.max(worst.caseMs, Math.round(performance.now() - began));
  worst.memoryMiB = Math.max(worst.memoryMiB, await childrenMiB());
  if (worst.memoryMiB > maxMemoryMiB) return `${worst.memoryMiB} MiB`;
  const stallMs = Math.round(watch.longestMs());
  if (stallMs > maxStallMs)
    return tries > 1 ? judge(bytes, isPicture, tries - 1) : `a stall of ${stallMs} ms`;
  worst.stallMs = Math.max(worst.stallMs, stallMs);
  return undefined;
}

/**
 * The longest that the event loop was kept busy by this thread: the processor's time between two ticks. By the clock a
 * machine that does other work has stalls of its own.
 */
function watchEventLoop() {
  const busyMs = (): number => {
    const { user, system } = process.threadCpuUsage();
    return (user + system) / 1000;
  };
  let longest = 0;
  let before = busyMs();
  const timer = setInterval(() => {
    const now = busyMs();
    longest = Math.max(longest, now - before);
    before = now;
  }, 5);
  return { stop: () => clearInterval(timer), longestMs: () => longest };
}

async function keep(number: number, bytes: Buffer, failure: string): Promise<void> {
  failures.push(failure);
  await mkdir(values.keep, { recursive: true });
  const path = join(values.keep, `${seed}-${number}`);
  await writeFile(path, bytes);
  console.error(`${path}: ${failure}`);
}

/** The most that the largest of our processes has taken (MiB; 0 where the system does not say). */
async function childrenMiB(): Promise<number> {
  const task = `/proc/self/task/${process.pid}/children`;
  const pids = (await readFile(task, "utf8").catch(() => "")).trim().split(" ").filter(Boolean);
  const peaks = pids.map(async (pid) => {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  });
  return Math.round(Math.max(0, ...(await Promise.all(peaks))));
}
