import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";

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
 * Makes the folder where the embedded engines keep their data, and takes it for this process alone.
 * @throws DataDirError when it cannot be written, or when another live process has it
 */
export async function prepareDataDir(path: string): Promise<DataDir> {
  const directory = resolve(path);
  const lock = join(directory, "encore.lock");
  try {
    await mkdir(directory, { recursive: true });
    await takeLock(lock);
  } catch (error) {
    throw asDataDirError(error, directory);
  }
  return {
    dynamodb: join(directory, "dynamodb"),
    s3: join(directory, "s3"),
    file: (name) => join(directory, name),
    release: () => rm(lock, { force: true }),
  };
}

/** Whose lock it is. A process that was killed leaves its lock behind, and its number may be given to another. */
export type Holder = { readonly pid: number; readonly startedAt?: string | undefined };

async function takeLock(lock: string): Promise<void> {
  const holder = await readHolder(lock);
  if (holder && (await isAlive(holder)))
    throw new DataDirError(
      `Another Encore (process ${holder.pid}) uses this data folder; stop it, or set DATA_DIR to another folder`,
    );
  if (holder) await rm(lock, { force: true });
  await writeFile(lock, JSON.stringify(await thisProcess()), { flag: "wx" });
}

export const thisProcess = async (): Promise<Holder> => ({
  pid: process.pid,
  startedAt: await startTime(process.pid),
});

/** Undefined when there is none; a lock that cannot be read was being written when its process died. */
async function readHolder(lock: string): Promise<Holder | undefined> {
  const text = await readFile(lock, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as Holder;
  } catch {
    return { pid: 0 };
  }
}

export async function isAlive({ pid, startedAt }: Holder): Promise<boolean> {
  if (pid <= 0 || startedAt !== (await startTime(pid))) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Linux tells when a process started (proc_pid_stat(5), field 22); elsewhere its number must do. */
async function startTime(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}

function asDataDirError(error: unknown, directory: string): Error {
  if (error instanceof DataDirError) return error;
  const reason = (error as NodeJS.ErrnoException).code ?? String(error);
  return new DataDirError(
    `The data folder ${directory} cannot be written (${reason}); set DATA_DIR to one that can`,
  );
}
