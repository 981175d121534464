import type { Level } from "./dynalite.ts";
import { createDiskLevel } from "./level/disk-level.ts";

/** The database below the tables of a folder that no engine uses. @throws TablesError for one that cannot be used */
export async function openTables(folder: string): Promise<Level> {
  const level = createDiskLevel(folder);
  await level.open();
  return level;
}
