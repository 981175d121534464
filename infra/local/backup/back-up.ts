import { createWriteStream } from "node:fs";
import { copyFile, lstat, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { forEachBounded } from "../bounded.ts";
import { nodeDisk, writeFileSynced } from "../disk.ts";
import { createObjectCopy, type ObjectCopy } from "./copy-objects.ts";
import {
  BackupError,
  type BackupManifest,
  manifestName,
  objectsFolder,
  sumsName,
  tablesName,
} from "./format.ts";
import { createObjectNames } from "./named-objects.ts";
import type { Progress } from "./progress.ts";
import { encodeSums, filesBelow, foldersBelow, hashAndSync, type Sum, sha256Of } from "./sums.ts";
import type { TablesSource } from "./tables-source.ts";
import { encodeRows, type Row } from "./tables-stream.ts";

export type BackUpOptions = {
  /** The data folder; may be in use. */
  readonly dataDir: string;
  /** Where the backup is to be; must not exist. */
  readonly target: string;
  readonly tables: TablesSource;
  readonly tablePrefix: string;
  readonly bucket: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

/**
 * Makes a backup of a data folder: a snapshot of the tables, every object that it names, and the other files. It is
 * made aside, forced to the disk and renamed, so that under its name there is a whole one or none.
 *
 * @throws BackupError
 */
export async function backUp(options: BackUpOptions): Promise<BackupManifest> {
  const target = resolve(options.target);
  if (await exists(target)) throw new BackupError(`${target} is there already; name another place`);
  if (!(await exists(dirname(target))))
    throw new BackupError(`There is no folder ${dirname(target)}; make it`);
  let aside: string | undefined;
  try {
    aside = await mkdtemp(`${target}.partial-`);
    const manifest = await fill(aside, options);
    options.signal.throwIfAborted();
    await rename(aside, target);
    await nodeDisk.syncFolder(dirname(target));
    return manifest;
  } catch (error) {
    if (aside !== undefined) await rm(aside, { recursive: true, force: true });
    throw asBackupError(error, dirname(target));
  } finally {
    options.progress.end();
  }
}

async function fill(folder: string, options: BackUpOptions): Promise<BackupManifest> {
  const { dataDir, tablePrefix, bucket } = options;
  await copyFiles(dataDir, folder);
  const snapshot = await copyData(folder, options);
  const { sums, bytes } = await sumUp(folder, options);
  const text = encodeSums(sums);
  await writeFileSynced(nodeDisk, join(folder, sumsName), text, 0o600);
  const counts = { files: sums.length, bytes, sums: sha256Of(text) };
  const manifest: BackupManifest = { format: 1, ...snapshot, tablePrefix, bucket, ...counts };
  await writeFileSynced(nodeDisk, join(folder, manifestName), JSON.stringify(manifest, undefined, 2), 0o600);
  for (const below of await foldersBelow(folder)) await nodeDisk.syncFolder(below);
  return manifest;
}

/** Of a process, or of this very folder: a restored folder has its own. */
const left = /^(encore\.lock|lock\.db.*|running\.json|rollback\.json|rollback\.mark|.*\.(tmp|new|probe))$/;

/** Secrets and notes; folders other than the engines' are made anew. */
async function copyFiles(dataDir: string, folder: string): Promise<void> {
  for (const entry of await readdir(dataDir, { withFileTypes: true }))
    if (entry.isFile() && !left.test(entry.name))
      await copyFile(join(dataDir, entry.name), join(folder, entry.name));
}

type Snapshot = Pick<BackupManifest, "takenAt" | "rows" | "missing">;
const maxRounds = 4;

/**
 * Objects before rows, so that what is removed meanwhile is there, and once more after them, so that what has come is.
 * An object that came and went while the rows were read is missing then: they are read again.
 */
async function copyData(folder: string, options: BackUpOptions): Promise<Snapshot> {
  const { dataDir, bucket, progress, signal } = options;
  const copy = createObjectCopy(join(dataDir, "s3"), join(folder, objectsFolder), () => {
    signal.throwIfAborted();
    progress.add(1);
  });
  const copyNew = () => {
    progress.begin("Copying objects");
    return copy.copyNew();
  };
  await copyNew();
  for (let round = 1, before: readonly string[] = []; ; round++) {
    const { absent, ...snapshot } = await writeTables(join(folder, tablesName), copy, options);
    await copyNew();
    const missing = absent.filter((key) => !copy.has(bucket, key));
    const lasts = missing.every((key) => before.includes(key));
    if (lasts || round === maxRounds) return { ...snapshot, missing };
    before = missing;
  }
}

async function writeTables(
  path: string,
  copy: ObjectCopy,
  { tables, tablePrefix, bucket, progress, signal }: BackUpOptions,
): Promise<Omit<Snapshot, "missing"> & { readonly absent: readonly string[] }> {
  const namesOf = createObjectNames(tablePrefix);
  const absent = new Set<string>();
  const takenAt = new Date().toISOString();
  let rows = 0;
  async function* watched(): AsyncGenerator<Row> {
    for await (const row of tables()) {
      signal.throwIfAborted();
      rows += 1;
      progress.add(1);
      for (const key of namesOf(row)) if (!copy.has(bucket, key)) absent.add(key);
      yield row;
    }
  }
  progress.begin("Copying the tables");
  await pipeline(
    Readable.from(encodeRows(watched())),
    createGzip({ level: 3 }),
    createWriteStream(path, { mode: 0o600, flush: true }),
  );
  return { takenAt, rows, absent: [...absent] };
}

const filesAtOnce = 4;

async function sumUp(folder: string, { progress, signal }: BackUpOptions) {
  const paths = await filesBelow(folder);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  const sums: Sum[] = [];
  progress.begin("Computing checksums", bytes);
  await forEachBounded(paths, filesAtOnce, async (path) => {
    signal.throwIfAborted();
    const { sha256 } = await hashAndSync(join(folder, path), progress.add);
    sums.push({ path, sha256 });
  });
  return { sums: sums.sort((a, b) => (a.path < b.path ? -1 : 1)), bytes };
}

const exists = (path: string): Promise<boolean> =>
  lstat(path).then(
    () => true,
    () => false,
  );

function asBackupError(error: unknown, folder: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT")
    return new BackupError(
      `The disk of ${folder} is full; nothing was left there. Free some space, or name another disk`,
    );
  if (code === "EACCES" || code === "EROFS" || code === "EPERM")
    return new BackupError(`${folder} cannot be written (${code}); name a place that can`);
  return error;
}
