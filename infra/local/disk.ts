import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Changes of a file system, as few as the engines need. What survives a power cut is what was synced: the bytes of a
 * file by `DiskFile.sync`, its name (made, renamed or removed) by `syncFolder` of the folder that holds it.
 */
export type Disk = {
  /** A new file, open for writing. @throws EEXIST */
  create(path: string, mode?: number): Promise<DiskFile>;
  makeFolder(path: string): Promise<void>;
  /** Replaces what is at `to`, at once. */
  rename(from: string, to: string): Promise<void>;
  /** Removes a file, or a folder and what is in it; what is not there is no error. */
  remove(path: string): Promise<void>;
  syncFolder(path: string): Promise<void>;
};

export type DiskFile = {
  /** Appends all of the bytes. */
  write(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
};

/** Forces a folder's list of files to the disk. Windows does not open folders, and keeps their lists by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

export const nodeDisk: Disk = {
  async create(path, mode = 0o666) {
    const handle = await open(path, "wx", mode);
    return {
      async write(bytes) {
        for (let written = 0; written < bytes.length; ) {
          const { bytesWritten } = await handle.write(bytes, written);
          written += bytesWritten;
        }
      },
      // Without times of access and change, which nothing reads.
      sync: () => handle.datasync(),
      close: () => handle.close(),
    };
  },
  makeFolder: async (path) => void (await mkdir(path, { recursive: true })),
  rename,
  remove: (path) => rm(path, { recursive: true, force: true }),
  syncFolder,
};

/** A disk whose contents need not outlive the process: nothing is synced. */
export const volatileDisk = (disk: Disk): Disk => ({
  ...disk,
  create: async (path, mode) => ({ ...(await disk.create(path, mode)), sync: async () => {} }),
  syncFolder: async () => {},
});

/**
 * Lets callers who want the same folder synced share one sync. Who comes while one is running waits for the next, since
 * that which runs may have begun before the caller's change.
 */
export function groupFolderSyncs(disk: Disk): Disk {
  type Group = { running: Promise<void>; next: Promise<void> | undefined };
  const groups = new Map<string, Group>();
  return {
    ...disk,
    syncFolder(path) {
      const group = groups.get(path) ?? { running: Promise.resolve(), next: undefined };
      groups.set(path, group);
      group.next ??= group.running
        .catch(() => {})
        .then(() => {
          const sync = disk.syncFolder(path);
          group.running = sync;
          group.next = undefined;
          const forget = () => {
            if (group.running === sync && group.next === undefined) groups.delete(path);
          };
          sync.then(forget, forget);
          return sync;
        });
      return group.next;
    },
  };
}

/** Writes a file and syncs it; where that fails, nothing is left of it. */
export async function writeFileSynced(disk: Disk, path: string, text: string, mode?: number): Promise<void> {
  const file = await disk.create(path, mode);
  try {
    try {
      await file.write(Buffer.from(text));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    await discard(disk, path);
    throw error;
  }
}

/** Replaces a file: after a power cut at any moment it has its old contents or the new, whole. */
export async function replaceFile(disk: Disk, path: string, text: string, mode?: number): Promise<void> {
  const aside = `${path}.${randomUUID()}.tmp`;
  await writeFileSynced(disk, aside, text, mode);
  try {
    await disk.rename(aside, path);
  } catch (error) {
    await discard(disk, aside);
    throw error;
  }
  await disk.syncFolder(dirname(path));
}

/** Removes what is of no use any more. A disk that cannot even do that keeps it until it is swept. */
export const discard = (disk: Disk, path: string): Promise<void> => disk.remove(path).catch(() => {});

/** Codes of a disk that cannot be written or read for now: full, over quota, read-only, failing, out of descriptors. */
const diskFaults = new Set(["ENOSPC", "EDQUOT", "EROFS", "EIO", "EMFILE", "ENFILE", "ENOMEM"]);

/** @returns the code where the error is the disk's */
export function diskFaultOf(error: unknown): string | undefined {
  const { code } = (error ?? {}) as { code?: unknown };
  return typeof code === "string" && diskFaults.has(code) ? code : undefined;
}

/** What the operator can do. */
export function adviceFor(code: string): string {
  if (code === "ENOSPC" || code === "EDQUOT") return "free some space; it goes on by itself";
  if (code === "EROFS") return "mount the data folder writable; it goes on by itself";
  if (code === "EMFILE" || code === "ENFILE") return "raise the limit of open files (ulimit -n)";
  return "look at the disk and the system's log";
}
