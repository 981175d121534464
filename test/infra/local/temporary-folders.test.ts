import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { nodeDisk } from "../../../infra/local/disk.ts";
import { sweepTemporaryFolders } from "../../../infra/local/temporary-folders.ts";

const dayMs = 86_400_000;

test("what killed processes left is swept after a day, and nothing else", async () => {
  const parent = await mkdtemp(join(tmpdir(), "encore-sweep-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const create = async (name: string, ageMs: number, fileAgeMs = ageMs) => {
    const folder = join(parent, name);
    await mkdir(folder);
    await writeFile(join(folder, "audio"), "x");
    const at = (ms: number) => new Date(Date.now() - ms);
    await utimes(join(folder, "audio"), at(fileAgeMs), at(fileAgeMs));
    await utimes(folder, at(ageMs), at(ageMs));
  };
  await create("encore-audio-aB3dE6", dayMs + 60_000);
  await create("encore-s3-aB3dE6", dayMs + 60_000);
  await create("encore-audio-young0", dayMs - 60_000);
  await create("encore-audio-inUse0", dayMs + 60_000, 0);
  await create("encore-backup", 9 * dayMs);
  await create("encore-audio-backup2", 9 * dayMs);
  await sweepTemporaryFolders(nodeDisk, parent);
  expect((await readdir(parent)).sort()).toEqual([
    "encore-audio-backup2",
    "encore-audio-inUse0",
    "encore-audio-young0",
    "encore-backup",
  ]);
});
