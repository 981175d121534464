import { createDiskLevel } from "./level/disk-level.ts";
import type { Level } from "./level/level.ts";

/** The database below the tables of a folder that no engine uses. @throws TablesError for one that cannot be used */
export async function openTables(folder: string): Promise<Level> {
  // What cannot be written fails, and its caller tells of it.
  const level = createDiskLevel(folder, { report: () => {} });
  await level.open();
  return level;
}
