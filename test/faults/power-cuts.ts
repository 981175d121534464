import { EventEmitter, once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { createRandom } from "../support/random.ts";
import { bringIn, curatorAt, freeze, hearAll, startOn, thaw } from "./encore.ts";
import { copyImage, makeImage, mountImage, writesOf } from "./volume.ts";
import { type Acknowledged, createWriters, losses } from "./writers.ts";

export type Outcome = {
  readonly faults: number;
  /** Changes, accounts and songs that were acknowledged. */
  readonly acknowledged: number;
  /** What was lost or went wrong, a line each. */
  readonly failures: readonly string[];
};

type Copy = { readonly image: string; readonly told: Acknowledged };

const imageMib = 128;
const listeners = 5;

/**
 * Cuts the power: while Encore works on a disk of its own, the disk is copied block by block at random moments, each
 * right after an acknowledgement. Encore then starts on each copy, which must hold all that was acknowledged until then.
 */
export async function cutPower(cuts: number, seed: number, onCut = () => {}): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), "encore-power-"));
  const failures: string[] = [];
  try {
    const { copies, acknowledged } = await copiesOfRun(folder, cuts, seed, failures);
    for (const [index, copy] of copies.entries()) {
      const found = await recover(folder, copy).catch((error: unknown) => [`Does not start: ${error}`]);
      failures.push(...found.map((what) => `cut ${index + 1} of ${cuts}: ${what}`));
      await rm(copy.image);
      onCut();
    }
    return { faults: copies.length, acknowledged, failures };
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function copiesOfRun(folder: string, cuts: number, seed: number, failures: string[]) {
  const random = createRandom(seed);
  const image = join(folder, "disk.img");
  await makeImage(image, imageMib);
  const volume = await mountImage(image, join(folder, "disk"));
  const acknowledgements = new EventEmitter();
  const writers = createWriters({
    random,
    onAcknowledged: () => acknowledgements.emit("one"),
    onFailure: (what) => failures.push(what),
  });
  const encore = await startOn(volume);
  try {
    writers.moveTo(encore.url);
    const curator = await curatorAt(encore.url);
    let tone = 200;
    const addSong = async () => {
      tone += 10;
      writers.addSong(await bringIn(curator, tone));
    };
    await addSong();
    for (let n = 0; n < listeners; n++) await writers.addListener();
    const running = writers.run();
    const copies: Copy[] = [];
    while (copies.length < cuts) {
      // Now and then what is cut is a song that comes in, or somebody who registers.
      const beside = random() < 0.3 ? addSong() : random() < 0.15 ? writers.addListener() : undefined;
      for (let acks = 1 + Math.floor(random() * 20); acks > 0; acks--) await once(acknowledgements, "one");
      if (random() < 0.3) await beside;
      const told = writers.acknowledged();
      await freeze(encore);
      copies.push({ told, image: await copyStill(folder, image, volume.device ?? "", copies.length) });
      thaw(encore);
      await beside;
    }
    writers.end();
    await running;
    return { copies, acknowledged: writers.acknowledged().count };
  } finally {
    writers.abandon();
    await encore.end("SIGKILL");
    await volume.unmount();
  }
}

/** A copy during which nothing was written: the kernel's own threads do not stop with the process. */
async function copyStill(folder: string, image: string, device: string, index: number): Promise<string> {
  const to = join(folder, `cut-${index}.img`);
  for (;;) {
    const before = await writesOf(device);
    await copyImage(image, to);
    if (before.endsWith(" 0") && before === (await writesOf(device))) return to;
    await wait(5);
  }
}

async function recover(folder: string, { image, told }: Copy): Promise<string[]> {
  const path = join(folder, "copy");
  await mkdir(path, { recursive: true });
  const volume = await mountImage(image, path);
  try {
    const encore = await startOn(volume);
    try {
      return await losses(encore.url, told, await hearAll(encore.url));
    } finally {
      await encore.end("SIGKILL");
    }
  } finally {
    await volume.unmount();
  }
}
