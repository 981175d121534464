import { statSync } from "node:fs";
import { mkdir, open, rm, statfs } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncFolder } from "../../disk.ts";

/** What a reopening may need: the rows of LevelDB's log become a table file, beside a new log and a manifest. */
const probeBytes = 8 * 1024 * 1024;

/** Makes the folder, and sees to it that a power cut leaves it there. */
export async function makeSyncedFolder(folder: string): Promise<void> {
  const created = await mkdir(folder, { recursive: true });
  const last = dirname(dirname(created ?? folder));
  for (let path = folder; ; path = dirname(path)) {
    await syncFolder(path).catch((error: NodeJS.ErrnoException) => {
      // A folder above may be another user's.
      if (path === folder || (error.code !== "EACCES" && error.code !== "EPERM")) throw error;
    });
    if (path === last || path === dirname(path)) return;
  }
}

/** How exactly a file system tells when a folder was changed, in milliseconds; a generous bound. */
const tickMs = 50;

/**
 * Syncs a folder when files were made or removed in it since it was last synced. LevelDB begins a new log file every
 * few MiB, syncs what it writes there, but not the folder that the file is in. The folder's time of change is compared
 * with itself alone, since the clock may be set back.
 */
export function createFolderSync(folder: string, sync = syncFolder): () => Promise<void> {
  let changed: number | undefined;
  let seenAt = 0;
  let isSynced = false;
  return async () => {
    // At each write: it costs less than the detour over a thread.
    const { mtimeMs } = statSync(folder);
    if (mtimeMs === changed && isSynced) return;
    const now = performance.now();
    if (mtimeMs !== changed) [changed, seenAt, isSynced] = [mtimeMs, now, false];
    await sync(folder);
    // What changes within the same tick shows the same time.
    isSynced = now - seenAt > tickMs;
  };
}

/** @throws Error of the file system while some MiB cannot be written and forced to the disk there */
export async function probeFolder(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < probeBytes) throw new Error("No space left on device");
  const path = join(folder, "probe.tmp");
  try {
    const handle = await open(path, "w");
    try {
      await handle.writeFile(Buffer.alloc(probeBytes, 1));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } finally {
    await rm(path, { force: true });
  }
}
