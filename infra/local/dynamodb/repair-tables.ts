import { access, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { syncFolder } from "../disk.ts";
import { indexEntriesOf, tableNameOf } from "./index-entries.ts";
import { makeSyncedFolder } from "./level/disk.ts";
import { decodeValue, encodeValue } from "./level/envelope.ts";
import type { StoredWrite } from "./level/group-commit.ts";
import { createHandle, type Handle } from "./level/handle.ts";
import { pagesOf, readValue } from "./level/pages.ts";
import { type SalvagedWrite, salvage } from "./level/salvage.ts";
import { isPlace, startOfSequence } from "./sequence.ts";
import type { Item, TableDescription } from "./store.ts";

export type RepairReport = {
  /** Rows in the repaired tables. */
  readonly rows: number;
  /** Files of which a part, or all, could not be read: what was in there is gone, or is an older state of its rows. */
  readonly lostFiles: readonly string[];
  /** Keys whose newest value did not match its checksum: they have an older value, or none. */
  readonly lostValues: readonly string[];
  /** Whether rows may be missing or older than they were: then lists of devices need a new epoch. */
  readonly hasLosses: boolean;
  /** The folder as it was, under another name, to be removed by hand. */
  readonly original: string;
};

const batchSize = 500;

/**
 * Makes the tables in a folder that no engine has open anew, from all that its files still hold; index entries are made
 * from the rows. The folder as it was is kept beside it. Keys are held in memory, values are not.
 * @throws Error of the file system; the folder is as it was then
 */
export async function repairTables(folder: string): Promise<RepairReport> {
  const repaired = `${folder}.repaired`;
  await rm(repaired, { recursive: true, force: true });
  const work = `${folder}.repairing`;
  await rm(work, { recursive: true, force: true });
  await makeSyncedFolder(work);
  const handle = createHandle(work);
  await handle.open();
  let findings: Findings;
  try {
    findings = await fill(handle, folder);
  } finally {
    await handle.close();
  }
  await syncFolder(work);
  const original = `${folder}.damaged-${new Date().toISOString().replaceAll(":", "")}`;
  await rename(work, repaired);
  await rename(folder, original);
  await finishRepair(folder);
  const { lostFiles, lostValues } = findings;
  return { ...findings, original, hasLosses: lostFiles.length + lostValues.length > 0 };
}

/** Puts repaired tables into their place, where a repair was cut off before it could. */
export async function finishRepair(folder: string): Promise<void> {
  const repaired = `${folder}.repaired`;
  if ((await exists(folder)) || !(await exists(repaired))) return;
  await rename(repaired, folder);
  await syncFolder(dirname(folder));
}

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

type Findings = Pick<RepairReport, "rows" | "lostFiles" | "lostValues">;

async function fill(handle: Handle, folder: string): Promise<Findings> {
  const lostFiles = new Set<string>();
  const lostValues = await copyWrites(
    handle,
    salvage(folder, (file) => lostFiles.add(file)),
  );
  const tables = new Map<string, TableDescription>();
  let rows = 0;
  let start = 0;
  for await (const page of pagesOf(handle))
    for (const [key, stored] of page) {
      const value = decodeValue(key, stored);
      // A consumer without a place begins at the oldest record.
      if (key.startsWith("checkpoint~") && !isPlace(value)) {
        await handle.write([{ key, stored: undefined }]);
        continue;
      }
      if (key.startsWith("table~")) tables.set(key.slice("table~".length), value as TableDescription);
      if (key.startsWith("item-")) rows += 1;
      start = Math.max(start, startOf(key, value));
    }
  await addIndexEntries(handle, tables);
  await handle.write([{ key: "stream-start", stored: encodeValue("stream-start", start) }]);
  return { rows, lostFiles: [...lostFiles], lostValues };
}

/**
 * Copies the newest write of each key that can be read; index entries are left out.
 * @returns the keys whose newest write cannot
 */
async function copyWrites(handle: Handle, writes: AsyncIterable<SalvagedWrite>): Promise<string[]> {
  const newest = new Map<string, number>();
  const damaged = new Map<string, number>();
  const batch: StoredWrite[] = [];
  for await (const { key, sequence, stored } of writes) {
    if (key.startsWith("index-")) continue;
    const isDamaged = stored !== undefined && readValue(key, stored) === undefined;
    const seen = isDamaged ? damaged : newest;
    if ((seen.get(key) ?? -1) > sequence) continue;
    seen.set(key, sequence);
    if (!isDamaged) batch.push({ key, stored });
    if (batch.length === batchSize) await handle.write(batch.splice(0));
  }
  await handle.write(batch);
  return [...damaged].filter(([key, sequence]) => sequence > (newest.get(key) ?? -1)).map(([key]) => key);
}

async function addIndexEntries(handle: Handle, tables: ReadonlyMap<string, TableDescription>): Promise<void> {
  for await (const page of pagesOf(handle, "item-", "item.")) {
    const entries = page.flatMap(([key, stored]) => {
      const table = tables.get(tableNameOf(key) ?? "");
      return table ? indexEntriesOf(table, decodeValue(key, stored) as Item) : [];
    });
    await handle.write(entries.map(([key, item]) => ({ key, stored: encodeValue(key, item) })));
  }
}

/** The start of the engine that a key or value tells of: the next one must be later. */
function startOf(key: string, value: unknown): number {
  if (key === "stream-start") return Number(value) || 0;
  if (key.startsWith("stream~")) return startOfSequence(key.slice(key.lastIndexOf("~") + 1));
  return key.startsWith("checkpoint~") ? startOfSequence(String(value)) : 0;
}
