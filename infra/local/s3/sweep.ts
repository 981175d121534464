import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Disk, discard } from "../disk.ts";

/** Nothing is received for so long (milliseconds): what is older was left behind. */
const leftAfterMs = 86_400_000;

/** Removes files of `incoming` that nobody writes any more. */
export async function sweepIncoming(disk: Disk, dataDir: string, now = Date.now()): Promise<void> {
  const folder = join(dataDir, "incoming");
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && now - found.mtimeMs > leftAfterMs) await discard(disk, path);
  }
}
