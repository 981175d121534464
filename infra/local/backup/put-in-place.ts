import { mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { nodeDisk, writeFileSynced } from "../disk.ts";
import { BackupError } from "./format.ts";

/** What taking a data folder leaves there, and what restores leave; it is no data. */
const noData = /^(encore\.lock|lock\.db.*|.*\.probe|lost\+found|replaced-.*|restoring-.*)$/;
/** There while a restore moves things in a data folder that is a mount point. */
const unfinishedName = "restore.unfinished";

const dataIn = async (dataDir: string): Promise<string[]> =>
  (await readdir(dataDir)).filter((name) => !noData.test(name));

/** @throws BackupError where there is data, which nobody said is to be replaced */
export async function assertReplaceable(dataDir: string, replace: boolean): Promise<void> {
  const data = await dataIn(dataDir);
  if (data.length === 0 || replace || data.includes(unfinishedName)) return;
  throw new BackupError(
    `${dataDir} has data; add --replace to move it aside, or set DATA_DIR to another folder`,
  );
}

/**
 * Makes the folder in which a data folder is restored: on the file system that it is to be on. What restores that were
 * cut have left there goes: the data folder is taken, so no other restore runs.
 */
export async function makeAside(dataDir: string): Promise<string> {
  const prefix = (await isMountPoint(dataDir)) ? join(dataDir, "restoring-") : `${dataDir}.restoring-`;
  for (const name of await readdir(dirname(prefix)))
    if (name.startsWith(basename(prefix)))
      await rm(join(dirname(prefix), name), { recursive: true, force: true });
  return mkdtemp(prefix);
}

const isMountPoint = async (folder: string): Promise<boolean> =>
  (await stat(folder)).dev !== (await stat(dirname(folder))).dev;

/**
 * Makes a folder that was made aside the data folder, at once. What was there is moved aside.
 * @returns where what was there is now, undefined where there was nothing
 */
export async function putInPlace(aside: string, dataDir: string): Promise<string | undefined> {
  const time = new Date().toISOString().replaceAll(":", "-");
  if (dirname(aside) === dataDir) return moveInto(aside, dataDir, join(dataDir, `replaced-${time}`));
  const data = await dataIn(dataDir);
  const replaced = `${dataDir}.replaced-${time}`;
  await rename(dataDir, replaced);
  await rename(aside, dataDir).catch(async (error: unknown) => {
    await rename(replaced, dataDir);
    throw error;
  });
  await nodeDisk.syncFolder(dirname(dataDir));
  if (data.length > 0) return replaced;
  await rm(replaced, { recursive: true, force: true });
  return undefined;
}

/** A mount point cannot be renamed: its contents are moved, and no start takes them before all are there. */
async function moveInto(aside: string, dataDir: string, replaced: string): Promise<string | undefined> {
  const marker = join(dataDir, unfinishedName);
  const data = (await dataIn(dataDir)).filter((name) => name !== unfinishedName);
  await rm(marker, { force: true });
  await writeFileSynced(nodeDisk, marker, "");
  await nodeDisk.syncFolder(dataDir);
  if (data.length > 0) await mkdir(replaced, { mode: 0o700 });
  for (const name of data) await rename(join(dataDir, name), join(replaced, name));
  for (const name of await readdir(aside)) await rename(join(aside, name), join(dataDir, name));
  await nodeDisk.syncFolder(dataDir);
  await rm(marker);
  await nodeDisk.syncFolder(dataDir);
  return data.length > 0 ? replaced : undefined;
}

/**
 * A start must not take what a restore that was cut has left for a new, empty data folder.
 * @throws BackupError
 */
export async function assertNoRestoreWasCut(path: string): Promise<void> {
  const dataDir = resolve(path);
  const names = await readdir(dataDir).catch(() => undefined);
  if (names?.includes(unfinishedName))
    throw new BackupError(
      `A restore into ${dataDir} was cut; run npm run restore again (what was there is in replaced-…)`,
    );
  if (names) return;
  const beside = await readdir(dirname(dataDir)).catch(() => [] as string[]);
  const old = beside.find((name) => name.startsWith(`${basename(dataDir)}.replaced-`));
  const isCut = old && beside.some((name) => name.startsWith(`${basename(dataDir)}.restoring-`));
  if (isCut)
    throw new BackupError(
      `A restore of ${dataDir} was cut; run npm run restore again, or move ${join(dirname(dataDir), old)} back`,
    );
}
