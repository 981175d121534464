import { DatabaseSync } from "node:sqlite";

export type FolderLock = { release(): void };

/** SQLite's result code of a lock that another connection holds (sqlite.org/rescode.html). */
const busy = 5;

/**
 * Takes an exclusive lock of the operating system on a file, which it makes. Node.js has no call for that; SQLite locks
 * by fcntl(2). Such a lock holds for every process of this kernel, also in another container with process numbers of its
 * own, and it goes with its process, however that ends. Nothing is written to the file.
 *
 * The process must not open the file otherwise: closing any descriptor of it gives the lock up (fcntl(2)).
 * @returns undefined where another holds it. @throws Error with `code` ERR_SQLITE_ERROR for a file that cannot be opened
 */
export function takeFolderLock(file: string): FolderLock | undefined {
  const database = new DatabaseSync(file, { timeout: 0 });
  try {
    // Without this a journal would be written beside the file.
    database.exec("PRAGMA journal_mode = MEMORY; BEGIN EXCLUSIVE");
    return { release: () => database.close() };
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode === busy) return undefined;
    throw error;
  }
}
