import { createHash } from "node:crypto";
import { mkdir, open, readFile, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { forEachBounded } from "../bounded.ts";
import { nodeDisk } from "../disk.ts";
import { StorageUnavailable } from "../dynamodb/level/errors.ts";
import { openTables } from "../dynamodb/open-tables.ts";
import { BackupError, type BackupManifest, readBackupManifest, sumsName, tablesName } from "./format.ts";
import type { Progress } from "./progress.ts";
import { assertReplaceable, makeAside, putInPlace } from "./put-in-place.ts";
import { createRestoredRows } from "./restored-rows.ts";
import { decodeSums, foldersBelow, type Sum, sha256Of } from "./sums.ts";
import { readTables } from "./tables-stream.ts";

export type RestoreOptions = {
  readonly backup: string;
  /** The data folder, which this process has taken; empty but for what taking it left there. */
  readonly dataDir: string;
  /** Whether what is in the data folder is moved aside. */
  readonly replace: boolean;
  /** Whether everybody has to sign in again. */
  readonly endSessions: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
};

export type Restored = {
  readonly manifest: BackupManifest;
  /** Where the folder is now that was there before, with its data. */
  readonly replaced: string | undefined;
};

/**
 * Makes the data folder what a backup has, with a new epoch for every user's list. It is made aside, each file compared
 * with its checksum as it is copied, and put in place by a rename when all of it is on the disk.
 *
 * @throws BackupError
 */
export async function restore(options: RestoreOptions): Promise<Restored> {
  const [backup, dataDir] = [resolve(options.backup), resolve(options.dataDir)];
  await assertReplaceable(dataDir, options.replace);
  const manifest = await readBackupManifest(backup);
  const sums = await readSums(backup, manifest);
  let aside: string | undefined;
  try {
    aside = await makeAside(dataDir);
    await copyFiles(backup, aside, sums, options);
    await fillTables(aside, manifest, options);
    for (const folder of await foldersBelow(aside)) await nodeDisk.syncFolder(folder);
    options.signal.throwIfAborted();
    const replaced = await putInPlace(aside, dataDir);
    return { manifest, replaced };
  } catch (error) {
    throw asRestoreError(error, dirname(dataDir));
  } finally {
    if (aside !== undefined) await rm(aside, { recursive: true, force: true });
    options.progress.end();
  }
}

async function readSums(backup: string, manifest: BackupManifest): Promise<readonly Sum[]> {
  const text = await readFile(join(backup, sumsName), "utf8").catch(() => "");
  if (sha256Of(text) !== manifest.sums) throw damaged(backup, sumsName);
  const sums = decodeSums(text);
  if (!sums.some(({ path }) => path === tablesName)) throw damaged(backup, tablesName);
  return sums;
}

const damaged = (backup: string, path: string) =>
  new BackupError(
    `The backup is damaged: ${join(backup, path)} is not what was written; take another backup`,
  );

const filesAtOnce = 4;

async function copyFiles(
  backup: string,
  folder: string,
  sums: readonly Sum[],
  { progress, signal }: RestoreOptions,
): Promise<void> {
  progress.begin("Copying and verifying", sums.length);
  for (const parent of new Set(sums.map(({ path }) => dirname(path))))
    await mkdir(join(folder, parent), { recursive: true, mode: 0o700 });
  await forEachBounded(sums, filesAtOnce, async ({ path, sha256 }) => {
    signal.throwIfAborted();
    if ((await copyHashed(join(backup, path), join(folder, path))) !== sha256) throw damaged(backup, path);
    progress.add(1);
  });
}

const copiedBytes = 1024 * 1024;

/** Copies a file and forces it to the disk. @returns the SHA-256 of what was copied; undefined where there is no file */
async function copyHashed(from: string, to: string): Promise<string | undefined> {
  const source = await open(from).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
  if (!source) return undefined;
  try {
    const target = await nodeDisk.create(to, (await source.stat()).mode & 0o777);
    try {
      const hash = createHash("sha256");
      const buffer = Buffer.allocUnsafe(copiedBytes);
      for (;;) {
        const { bytesRead } = await source.read(buffer);
        if (bytesRead === 0) break;
        hash.update(buffer.subarray(0, bytesRead));
        await target.write(buffer.subarray(0, bytesRead));
      }
      await target.sync();
      return hash.digest("hex");
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const rowsAtOnce = 500;

/** Makes the tables of the rows, which were copied with the other files. */
async function fillTables(folder: string, manifest: BackupManifest, options: RestoreOptions): Promise<void> {
  const { progress, signal, endSessions } = options;
  const file = join(folder, tablesName);
  const restored = createRestoredRows({ tablePrefix: manifest.tablePrefix, endSessions });
  const tables = await openTables(join(folder, "dynamodb"));
  progress.begin("Restoring the tables", manifest.rows);
  try {
    let batch: { type: "put"; key: string; value: unknown }[] = [];
    const write = async () => {
      signal.throwIfAborted();
      await tables.batch(batch);
      progress.add(batch.length);
      batch = [];
    };
    for await (const row of readTables(file)) {
      const kept = restored(row);
      if (kept) batch.push({ type: "put", key: kept[0], value: kept[1] });
      if (batch.length === rowsAtOnce) await write();
    }
    await write();
  } finally {
    await tables.close();
  }
  await rm(file);
}

function asRestoreError(error: unknown, folder: string): unknown {
  const { code } = (error ?? {}) as NodeJS.ErrnoException;
  if (code === "ENOSPC" || code === "EDQUOT" || error instanceof StorageUnavailable)
    return new BackupError(
      `The disk of ${folder} is full; nothing was changed. Free some space, and restore again`,
    );
  if (code === "EACCES" || code === "EROFS" || code === "EPERM")
    return new BackupError(
      `${folder}, where the restored folder is made, cannot be written (${code}); set DATA_DIR to a folder elsewhere`,
    );
  return error;
}
