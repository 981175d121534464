import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { DataDirError, prepareDataDir } from "../../../infra/local/data-dir.ts";

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("makes the folder, and gives it back", async () => {
  const path = join(await createFolder(), "deep", "data");
  const first = await prepareDataDir(path);
  expect(first.dynamodb).toBe(join(path, "dynamodb"));
  await first.release();
  await (await prepareDataDir(path)).release();
});

test("refuses a folder that another live process has", async () => {
  const path = await createFolder();
  const { release } = await prepareDataDir(path);
  const second = prepareDataDir(path);
  await expect(second).rejects.toBeInstanceOf(DataDirError);
  await expect(second).rejects.toThrow(`process ${process.pid}`);
  await release();
});

test("takes over from a process that was killed", async () => {
  const path = await createFolder();
  const child = spawn(process.execPath, ["--eval", ""]);
  await once(child, "exit");
  await writeFile(join(path, "encore.lock"), JSON.stringify({ pid: child.pid }));
  const { release } = await prepareDataDir(path);
  expect(JSON.parse(await readFile(join(path, "encore.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  await release();
});

test.skipIf(process.platform !== "linux")(
  "takes over from a process whose number was given to another",
  async () => {
    const path = await createFolder();
    await writeFile(join(path, "encore.lock"), JSON.stringify({ pid: process.pid, startedAt: "1" }));
    await (await prepareDataDir(path)).release();
  },
);

test("takes over a lock that was cut short", async () => {
  const path = await createFolder();
  await writeFile(join(path, "encore.lock"), '{"pi');
  await (await prepareDataDir(path)).release();
});

test("says in one line what is wrong with a folder that cannot be written", async () => {
  const file = join(await createFolder(), "file");
  await writeFile(file, "");
  const attempt = prepareDataDir(join(file, "data"));
  await expect(attempt).rejects.toBeInstanceOf(DataDirError);
  await expect(attempt).rejects.toThrow(/^The data folder .* cannot be written \(ENOTDIR\); set DATA_DIR.*$/);
});
