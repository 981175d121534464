import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { createFolderSync } from "../../../../infra/local/dynamodb/level/disk.ts";

test("a folder is synced when a file was made in it, also after the clock was set back", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-folder-sync-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("2038-01-19") });
  onTestFinished(() => void vi.useRealTimers());
  let count = 0;
  const sync = createFolderSync(folder, async () => {
    count += 1;
  });
  for (let before = -1; before !== count; ) {
    before = count;
    await sync();
  }
  vi.setSystemTime(new Date("2026-11-28"));
  const before = count;
  await writeFile(join(folder, "000007.log"), "");
  await sync();
  expect(count).toBe(before + 1);
});

test("a folder that was just changed is synced again: a file made in the same tick of its clock shows the same time", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-folder-sync-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  let count = 0;
  const sync = createFolderSync(folder, async () => {
    count += 1;
  });
  await sync();
  await sync();
  expect(count).toBe(2);
});
