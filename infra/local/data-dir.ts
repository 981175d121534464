import { readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join, resolve } from "node:path";
import { makeFolder } from "../../server/make-folder.ts";
import { type FolderLock, takeFolderLock } from "./folder-lock.ts";

/** Why Encore cannot start here; its message is one line that says what to do. */
export class DataDirError extends Error {}

export type DataDir = {
  readonly dynamodb: string;
  readonly s3: string;
  /** A file or folder of others that is to last. */
  file(name: string): string;
  /** Lets another process use the folder. */
  release(): Promise<void>;
};

/**
 * Makes the folder where the embedded engines keep their data, and takes it for this process alone. Nothing else of the
 * folder is touched before it is taken.
 * @throws DataDirError when it cannot be written, has no space left, or when another live process has it
 */
export async function prepareDataDir(path: string): Promise<DataDir> {
  const directory = resolve(path);
  const file = (name: string) => join(directory, name);
  let lock: FolderLock | undefined;
  try {
    // Password hashes and music are in it.
    await makeFolder(directory, 0o700);
    lock = await takeLock(directory);
    await writeFile(file(holderName), JSON.stringify(await thisProcess()));
    await provideSpace(directory);
  } catch (error) {
    lock?.release();
    throw asDataDirError(error, directory);
  }
  const { release } = lock;
  return {
    dynamodb: file("dynamodb"),
    s3: file("s3"),
    file,
    release: async () => {
      await rm(file(holderName), { force: true });
      release();
    },
  };
}

/** Says who has the folder; what keeps others out is the lock beside it. */
const holderName = "encore.lock";

/** Who has a folder. `host` tells containers apart, whose process numbers may be the same. */
export type Holder = {
  readonly pid: number;
  readonly startedAt?: string | undefined;
  readonly host?: string | undefined;
};

async function takeLock(directory: string): Promise<FolderLock> {
  const lock = await openLock(directory);
  if (lock) return lock;
  const { pid, host } = await readHolder(join(directory, holderName));
  const where = host === undefined || host === hostname() ? "" : ` on ${host}`;
  const who = pid === undefined ? "" : ` (process ${pid}${where})`;
  throw new DataDirError(
    `Another Encore${who} uses this data folder; stop it, or set DATA_DIR to another folder`,
  );
}

async function openLock(directory: string): Promise<FolderLock | undefined> {
  try {
    return takeFolderLock(join(directory, "lock.db"));
  } catch (error) {
    // SQLite does not tell why the system refused a file; writing another one does.
    await tryToWrite(directory, 1);
    throw error;
  }
}

/** What a start writes before it can say anything: LevelDB's first log, keys, the player (bytes). */
const startBytes = 4 * 1024 * 1024;

const provideSpace = (directory: string) => tryToWrite(directory, startBytes);

async function tryToWrite(directory: string, bytes: number): Promise<void> {
  const path = join(directory, "space.probe");
  try {
    await writeFile(path, Buffer.alloc(bytes), { flush: true });
  } finally {
    await rm(path, { force: true });
  }
}

export const thisProcess = async (): Promise<Required<Holder>> => ({
  pid: process.pid,
  startedAt: await startTime(process.pid),
  host: hostname(),
});

/** What is known of who has the folder: nothing in the moment before it is written. */
async function readHolder(path: string): Promise<Partial<Holder>> {
  try {
    return JSON.parse(await readFile(path, "utf8")) as Holder;
  } catch {
    return {};
  }
}

export async function isProcessAlive({ pid, startedAt }: Holder): Promise<boolean> {
  if (pid <= 0 || startedAt !== (await startTime(pid))) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Linux tells when a process started (proc_pid_stat(5), field 22); elsewhere its number must do. */
export async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

/** No bytes, or no quota, are left. LevelDB tells it in words alone. */
export const isOutOfSpace = (error: unknown): boolean =>
  /ENOSPC|EDQUOT|No space left|Disk quota exceeded|disk is full/i.test(String(error));

function asDataDirError(error: unknown, directory: string): Error {
  if (error instanceof DataDirError) return error;
  if (isOutOfSpace(error)) return outOfSpace(directory);
  const { code, errstr } = error as NodeJS.ErrnoException & { errstr?: string };
  return new DataDirError(
    `The data folder ${directory} cannot be written (${errstr ?? code ?? String(error)}); set DATA_DIR to one that can`,
  );
}

export const outOfSpace = (directory: string): DataDirError =>
  new DataDirError(
    `The disk of the data folder ${resolve(directory)} is full; free some space there, or set DATA_DIR to a folder elsewhere`,
  );
