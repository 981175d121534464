import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import type { EncoreProcess } from "../support/encore-process.ts";
import { createRandom } from "../support/random.ts";
import { until } from "../support/until.ts";
import { bringIn, curatorAt, hearAll, startOn } from "./encore.ts";
import type { Outcome } from "./power-cuts.ts";
import { fill, makeImage, mountImage, mountTmpfs, type Volume } from "./volume.ts";
import { createWriters, losses } from "./writers.ts";

const diskMib = 64;
const listeners = 5;
/** How often a disk is full in the life of one process. */
const perLife = 10;
/** Reopening is tried again every five seconds at least, and takes its time on a busy machine. */
const healsWithinMs = 60_000;

/**
 * Fills the disk while listeners change their subscriptions, and frees it again, several times in one life of Encore;
 * then stops Encore, kindly or not, and starts it anew. All that was acknowledged must be there, each time Encore must
 * heal by itself, and while the disk is full it may refuse and do nothing else.
 */
export async function fillDisks(times: number, seed: number, onTime = () => {}): Promise<Outcome> {
  const random = createRandom(seed);
  const failures: string[] = [];
  let acknowledged = 0;
  for (let done = 0; done < times; ) {
    const count = Math.min(perLife, times - done);
    const folder = await mkdtemp(join(tmpdir(), "encore-full-"));
    const volume = await mountOne(folder, random() < 0.5);
    try {
      acknowledged += await live(volume, count, random, onTime, (what) =>
        failures.push(`life from ${done + 1}: ${what}`),
      );
    } catch (error) {
      failures.push(`life from ${done + 1}: ${error}`);
    } finally {
      await volume.unmount();
      await rm(folder, { recursive: true });
    }
    done += count;
  }
  return { faults: times, acknowledged, failures };
}

async function mountOne(folder: string, inMemory: boolean): Promise<Volume> {
  const path = join(folder, "disk");
  if (inMemory) return mountTmpfs(path, diskMib);
  const image = join(folder, "disk.img");
  await makeImage(image, diskMib);
  return mountImage(image, path);
}

async function live(
  volume: Volume,
  count: number,
  random: () => number,
  onTime: () => void,
  fail: (what: string) => void,
): Promise<number> {
  const writers = createWriters({ random, onAcknowledged: () => {}, onFailure: fail });
  let encore = await startOn(volume);
  let alive = true;
  void encore.exited.then((code) => {
    if (alive) fail(`Encore ended by itself with ${code}`);
  });
  try {
    writers.moveTo(encore.url);
    const curator = await curatorAt(encore.url);
    let tone = 300;
    /** A full disk may refuse a song; once there is space it must come in. */
    const addSong = async () => {
      tone += 10;
      const own = tone;
      const refused = () => undefined;
      const tryOnce = async () => {
        const song = await bringIn(curator, own).catch(refused);
        if (song) writers.addSong(song);
        return song !== undefined;
      };
      await until("a song comes in", tryOnce, healsWithinMs);
    };
    await addSong();
    await addSong();
    for (let n = 0; n < listeners; n++) await writers.addListener();
    const running = writers.run();
    for (let time = 0; time < count; time++) {
      await wait(random() * 200);
      const song = random() < 0.3 ? addSong() : undefined;
      // Told of below, unless something else went wrong first.
      song?.catch(() => {});
      await fillOnce(volume, encore, random);
      await Promise.race([Promise.all([writers.answered(), song]), endOf(encore)]);
      onTime();
    }
    writers.end();
    await running;
    alive = false;
    await encore.end(random() < 0.5 ? "SIGTERM" : "SIGKILL");
    encore = await startOn(volume);
    const told = writers.acknowledged();
    for (const what of await losses(encore.url, told, await hearAll(encore.url))) fail(what);
    return told.count;
  } finally {
    alive = false;
    writers.abandon();
    await encore.end("SIGKILL");
  }
}

/** Full, to the last byte or nearly so, for a while; then free, and whole again without a restart. */
async function fillOnce(volume: Volume, encore: EncoreProcess, random: () => number): Promise<void> {
  const free = await fill(volume, random() < 0.5 ? 0 : Math.floor(random() * 64) * 1024);
  await wait(random() * 1500);
  await free();
  await Promise.race([
    until("Encore is ready again", () => isReady(encore.url), healsWithinMs),
    endOf(encore),
  ]);
}

async function endOf({ exited }: EncoreProcess): Promise<never> {
  throw new Error(`Encore ended with ${await exited}`);
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/readyz`, { signal: AbortSignal.timeout(10_000) }).then(
    ({ ok }) => ok,
    () => false,
  );
