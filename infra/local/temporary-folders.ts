import { lstat, readdir } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Disk, discard } from "./disk.ts";

/** Nothing is worked on for so long (milliseconds): who made the folder has died. */
const leftAfterMs = 86_400_000;

/** As `mkdtemp` names what this product makes: of the embedded S3 without a folder, and of audio that is looked into. */
const isOurs = (name: string): boolean => /^encore-(s3|audio)-[A-Za-z0-9]{6}$/.test(name);

/** Removes the folders that processes of this user left behind among the temporary files when they were killed. */
export async function sweepTemporaryFolders(disk: Disk, parent = tmpdir(), now = Date.now()): Promise<void> {
  for (const name of (await readdir(parent)).filter(isOurs)) {
    const path = join(parent, name);
    const isLeft = await wasLeft(path, now).catch(() => false);
    if (isLeft) await discard(disk, path);
  }
}

async function wasLeft(path: string, now: number): Promise<boolean> {
  const folder = await lstat(path);
  if (!folder.isDirectory() || folder.uid !== process.getuid?.()) return false;
  const entries = await Promise.all((await readdir(path)).map((name) => lstat(join(path, name))));
  return [folder, ...entries].every(({ mtimeMs }) => now - mtimeMs > leftAfterMs);
}
