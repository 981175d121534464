import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { spawnEncore } from "../support/encore-process.ts";

/** How long `npm start` takes (without npm), how soon its page begins, and how heavy the player is. */
const rounds = 5;
const dataDir = await mkdtemp(join(tmpdir(), "encore-bench-"));

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
const line = (what: string, values: readonly number[], unit: string): void => {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  console.log(`${what}: ${median(values).toFixed(1)} ${unit} (${low.toFixed(1)} to ${high.toFixed(1)})`);
};

async function start(): Promise<{ seconds: number; firstByteMs: number[] }> {
  const began = performance.now();
  const encore = await spawnEncore({ DATA_DIR: dataDir, DEMO_TRACKS: "" });
  const seconds = (performance.now() - began) / 1000;
  const firstByteMs = [];
  for (let time = 0; time < 20; time++) {
    const asked = performance.now();
    const answer = await fetch(encore.url);
    firstByteMs.push(performance.now() - asked);
    await answer.arrayBuffer();
  }
  await encore.end("SIGTERM");
  return { seconds, firstByteMs };
}

async function playerBytes(): Promise<number> {
  const assets = join(dataDir, "client", "assets");
  const names = (await readdir(assets)).filter((name) => /\.(js|css|svg)\.br$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(assets, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

try {
  const first = await start();
  const later = [];
  for (let round = 0; round < rounds; round++) later.push(await start());
  line("first start, which makes the demo library", [first.seconds], "s");
  line(
    "later starts",
    later.map(({ seconds }) => seconds),
    "s",
  );
  line(
    "first byte of /",
    later.flatMap(({ firstByteMs }) => firstByteMs),
    "ms",
  );
  line("the player, brotli", [(await playerBytes()) / 1024], "KiB");
} finally {
  await rm(dataDir, { recursive: true, force: true });
}
