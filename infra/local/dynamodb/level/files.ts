import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { readLog } from "./log-file.ts";
import { type LiveFiles, readLiveFiles } from "./manifest.ts";
import { findTableFault } from "./table-file.ts";

/** A file that is not what was written; `problem` is a clause for people. */
export type FileFault = { readonly file: string; readonly problem: string };

const numberOf = (name: string): number => Number.parseInt(name, 10);
const isTable = (name: string) => /^\d+\.(ldb|sst)$/.test(name);
const isLog = (name: string) => /^\d+\.log$/.test(name);

/**
 * Compares every file that a LevelDB folder has in use with its checksums, one in memory at a time. A folder that is
 * not there, or has no database yet, has no faults.
 * @throws Error of the file system for a folder that cannot be read
 */
export async function findFileFaults(folder: string): Promise<FileFault[]> {
  const names: string[] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  // A creation that was cut off leaves neither. Where there is data, LevelDB would begin anew, and remove it.
  if (!names.includes("CURRENT") && !names.some((name) => isTable(name) || isLog(name))) return [];
  try {
    return await findFaultsOf(folder, names, await readManifest(folder));
  } catch (error) {
    if (error instanceof Fault) return [error];
    throw error;
  }
}

class Fault extends Error implements FileFault {
  readonly file: string;
  readonly problem: string;
  constructor(file: string, problem: string) {
    super(`${file}: ${problem}`);
    this.file = file;
    this.problem = problem;
  }
}

/**
 * The files that hold data and are there, oldest first: those in use, or all where that cannot be told.
 * @param onLoss told of each file that is missing, and of the one without which that cannot be told
 * @throws Error of the file system for a folder that cannot be read
 */
export async function listDataFiles(
  folder: string,
  onLoss: (path: string) => void,
): Promise<readonly string[]> {
  const names = (await readdir(folder)).filter((name) => isTable(name) || isLog(name)).toSorted();
  try {
    const live = await readManifest(folder);
    for (const { file } of findMissing(folder, names, live)) onLoss(file);
    return names.filter((name) => isLive(name, live));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    onLoss(error.file);
    return names;
  }
}

const isLive = (name: string, { tables, firstLog }: LiveFiles): boolean =>
  isTable(name) ? tables.has(numberOf(name)) : isLog(name) && numberOf(name) >= firstLog;

/** LevelDB makes a log file before its manifest names it as the first; it does not notice one that is missing. */
function findMissing(
  folder: string,
  names: readonly string[],
  { tables, firstLog }: LiveFiles,
): readonly FileFault[] {
  const missing = new Map([...tables].map((number) => [number, "ldb"]));
  if (firstLog > 0) missing.set(firstLog, "log");
  for (const name of names) if (isTable(name) || isLog(name)) missing.delete(numberOf(name));
  return Array.from(missing, ([number, ending]) => ({
    file: join(folder, `${String(number).padStart(6, "0")}.${ending}`),
    problem: "it is missing",
  }));
}

async function findFaultsOf(folder: string, names: readonly string[], live: LiveFiles): Promise<FileFault[]> {
  const faults: FileFault[] = [];
  for (const name of names.filter((one) => isLive(one, live)).toSorted()) {
    const path = join(folder, name);
    const problem = await faultOf(path, isTable(name) ? findTableFault : findLogFault);
    if (problem) faults.push({ file: path, problem });
  }
  return [...faults, ...findMissing(folder, names, live)];
}

/** @throws Fault */
async function readManifest(folder: string): Promise<LiveFiles> {
  const current = join(folder, "CURRENT");
  const name = (await read(current)).toString().trimEnd();
  if (!/^MANIFEST-\d+$/.test(name)) throw new Fault(current, "it does not name a manifest");
  const path = join(folder, name);
  const { records, damage } = readLog(await read(path));
  if (damage && (damage.isLoss || !damage.isTorn)) throw new Fault(path, mismatch(damage.at));
  try {
    return readLiveFiles(records);
  } catch (error) {
    if (error instanceof RangeError) throw new Fault(path, error.message);
    throw error;
  }
}

const mismatch = (at: number): string => `the record at byte ${at} does not match its checksum`;

function findLogFault(file: Uint8Array): string | undefined {
  const { damage } = readLog(file);
  return damage?.isLoss ? mismatch(damage.at) : undefined;
}

async function faultOf(
  path: string,
  find: (file: Uint8Array) => string | undefined,
): Promise<string | undefined> {
  try {
    return find(await read(path));
  } catch (error) {
    if (error instanceof Fault) return error.problem;
    throw error;
  }
}

/** @throws Fault for a file that is missing or that the disk does not give */
async function read(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new Fault(path, code === "ENOENT" ? "it is missing" : `it cannot be read (${code})`);
  }
}
