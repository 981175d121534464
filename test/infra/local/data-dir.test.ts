import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, onTestFinished, test } from "vitest";
import { DataDirError, prepareDataDir, thisProcess } from "../../../infra/local/data-dir.ts";

const takeFolder = join(import.meta.dirname, "take-folder.ts");

/** As a container is to its neighbours: its own numbers of processes. It asks for rights that not every machine gives. */
const container = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const mayUnshare = spawnSync(container[0] ?? "", [...container.slice(1), "true"]).status === 0;

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-data-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

test("makes the folder, for its owner alone, and gives it back", async () => {
  const path = join(await createFolder(), "deep", "data");
  const first = await prepareDataDir(path);
  expect((await stat(path)).mode & 0o777).toBe(0o700);
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

type Taker = { readonly said: string; end(signal: NodeJS.Signals): Promise<void> };

/** Another process that tries to take the folder; `within` are words before its command line, like `unshare --pid`. */
async function takeElsewhere(path: string, within: readonly string[] = []): Promise<Taker> {
  const [program = "", ...args] = [...within, process.execPath, takeFolder, path];
  const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
  const exited = once(child, "exit");
  const end = async (signal: NodeJS.Signals) => {
    child.kill(signal);
    await exited;
  };
  onTestFinished(() => end("SIGKILL"));
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  return { said: line, end };
}

test("takes over at once from a process that was killed, whatever it left", async () => {
  const path = await createFolder();
  const killed = await takeElsewhere(path);
  expect(killed.said).toBe("taken");
  await killed.end("SIGKILL");
  const { release } = await prepareDataDir(path);
  expect(JSON.parse(await readFile(join(path, "encore.lock"), "utf8"))).toMatchObject({ pid: process.pid });
  await release();
});

test.skipIf(!mayUnshare)(
  "refuses a folder that a process in another container has, where numbers of processes say nothing",
  async () => {
    const path = await createFolder();
    const { release } = await prepareDataDir(path);
    const before = await readdir(path);
    const other = await takeElsewhere(path, container);
    expect(other.said).toMatch(/^Another Encore \(process \d+\) uses this data folder; stop it/);
    expect(await readdir(path)).toEqual(before);
    await release();
  },
);

test("goes by the lock, not by what a file says", async () => {
  const path = await createFolder();
  await writeFile(join(path, "encore.lock"), JSON.stringify(await thisProcess()));
  await (await prepareDataDir(path)).release();
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

test.skipIf(process.platform !== "linux")("says so of a place where no folder can be made", async () => {
  const attempt = prepareDataDir("/proc/encore/data");
  await expect(attempt).rejects.toThrow(/^The data folder \/proc\/encore\/data cannot be written \(ENOENT\)/);
});

const mounted = (options: string, path: string) => [
  ...["unshare", "--mount", "sh", "-c"],
  ...[`mount -t tmpfs -o ${options} none "$0" && exec "$@"`, path],
];

test.skipIf(!mayUnshare)("says so of a read-only mount and of a full disk", async () => {
  const path = await createFolder();
  const readOnly = await takeElsewhere(path, mounted("ro", path));
  expect(readOnly.said).toBe(
    `The data folder ${path} cannot be written (EROFS); set DATA_DIR to one that can`,
  );
  const full = await takeElsewhere(path, mounted("size=1m", path));
  expect(full.said).toMatch(
    /^The disk of the data folder \S+ is full; free some space there, or set DATA_DIR/,
  );
});
