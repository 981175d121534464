import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { replaceFile } from "../../../infra/local/disk.ts";
import { afterPowerCut, recordDisk } from "../../support/power-cut-disk.ts";
import { createRandom, runSeed } from "../../support/random.ts";

const seed = runSeed();
const cutsPerEvent = 8;

test(`a file that is replaced is the old one or the new one after a power cut, and the new one when that is told (seed ${seed})`, async () => {
  const root = await mkdtemp(join(tmpdir(), "encore-replace-"));
  onTestFinished(() => rm(root, { recursive: true }));
  const random = createRandom(seed);
  const { disk, events } = recordDisk();
  const path = join(root, "file");
  await replaceFile(disk, path, "old");
  const begun = events.length;
  await replaceFile(disk, path, "a new text");
  for (let at = begun; at <= events.length; at++)
    for (let cut = 0; cut < cutsPerEvent; cut++) {
      const target = join(root, `cut-${at}-${cut}`);
      await mkdir(target);
      await afterPowerCut(events.slice(0, at), { root, target, random });
      const text = await readFile(join(target, "file"), "utf8");
      expect(at === events.length ? ["a new text"] : ["old", "a new text"], `cut at ${at}`).toContain(text);
    }
});
