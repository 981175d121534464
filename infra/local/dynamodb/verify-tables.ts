import { access } from "node:fs/promises";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { indexEntriesOf, rowKey, tableNameOf } from "./index-entries.ts";
import { reasonOf } from "./level/errors.ts";
import { type FileFault, findFileFaults } from "./level/files.ts";
import { createHandle, type Handle } from "./level/handle.ts";
import { pagesOf, readValue } from "./level/pages.ts";
import { isPlace } from "./sequence.ts";
import type { Item, TableDescription } from "./store.ts";

/** What is wrong with a table folder. */
export type TablesProblem =
  /** A file is missing, or does not match its checksums; nothing more is looked at then. */
  | ({ readonly kind: "file" } & FileFault)
  /** LevelDB does not open the folder; `reason` is a clause for people. */
  | { readonly kind: "unopened"; readonly reason: string }
  /** What is stored of a key does not match its checksum. */
  | { readonly kind: "value"; readonly key: string }
  /** An index lacks an entry of a row, or has one with other contents. */
  | { readonly kind: "index-entry-missing"; readonly key: string }
  /** An index has an entry that no row has. */
  | { readonly kind: "index-entry-without-row"; readonly key: string }
  /** A consumer's place in a stream is none, or lies after every record that can have been written. */
  | { readonly kind: "checkpoint"; readonly key: string };

export type TablesReport = {
  /** Rows that can be read, of all tables. */
  readonly rows: number;
  /** How many things are wrong. */
  readonly problemCount: number;
  /** The first 100 of them. */
  readonly problems: readonly TablesProblem[];
};

const maxProblems = 100;

/** A problem in one line for people. */
export function describeProblem(problem: TablesProblem): string {
  if (problem.kind === "file") return `${problem.file}: ${problem.problem}`;
  if (problem.kind === "unopened") return `The tables cannot be opened: ${problem.reason}`;
  return `${sentences[problem.kind]}: ${JSON.stringify(problem.key)}`;
}

const sentences = {
  value: "A value does not match its checksum",
  "index-entry-missing": "An index lacks an entry of a row",
  "index-entry-without-row": "An index has an entry that no row has",
  checkpoint: "A consumer's place in a stream cannot be right",
};

/**
 * Verifies the tables in a folder that no engine has open (`DATA_DIR/dynamodb`): every file in use against its
 * checksums, every value against its own, rows and index entries against each other both ways, and consumers' places
 * in streams. Changes nothing but what LevelDB does when it opens (it makes a table file of its log). A folder that is
 * not there has no problems. One page of rows is in memory at a time.
 * @throws Error of the file system for a folder that cannot be read
 */
export async function verifyTables(folder: string): Promise<TablesReport> {
  const faults = await findFileFaults(folder);
  if (faults.length > 0)
    return report(
      0,
      faults.map((fault) => ({ kind: "file", ...fault })),
    );
  if (!(await hasDatabase(folder))) return report(0, []);
  const handle = createHandle(folder);
  try {
    await handle.open();
  } catch (error) {
    return report(0, [{ kind: "unopened", reason: reasonOf(error) }]);
  }
  try {
    return await verifyOpened(handle);
  } finally {
    await handle.close();
  }
}

/** LevelDB makes one where there is none. */
const hasDatabase = (folder: string): Promise<boolean> =>
  access(join(folder, "CURRENT")).then(
    () => true,
    () => false,
  );

const report = (rows: number, problems: readonly TablesProblem[]): TablesReport => ({
  rows,
  problemCount: problems.length,
  problems: problems.slice(0, maxProblems),
});

async function verifyOpened(handle: Handle): Promise<TablesReport> {
  const tables = await readTables(handle);
  const problems: TablesProblem[] = [];
  let problemCount = 0;
  let rows = 0;
  const found = (problem: TablesProblem) => {
    problemCount += 1;
    if (problems.length < maxProblems) problems.push(problem);
  };
  for await (const page of pagesOf(handle))
    for (const [key, stored] of page) {
      const value = readValue(key, stored);
      if (value === undefined) found({ kind: "value", key });
      else for (const problem of await findProblems(handle, tables, key, value)) found(problem);
      if (value !== undefined && key.startsWith("item-")) rows += 1;
    }
  return { rows, problemCount, problems };
}

async function findProblems(
  handle: Handle,
  tables: ReadonlyMap<string, TableDescription>,
  key: string,
  value: unknown,
): Promise<TablesProblem[]> {
  if (key.startsWith("checkpoint~")) return isPlace(value) ? [] : [{ kind: "checkpoint", key }];
  const table = tables.get(tableNameOf(key) ?? "");
  if (!table) return [];
  if (key.startsWith("item-")) return findMissingEntries(handle, table, value as Item);
  const row = (await readItem(handle, rowKey(table, value as Item))) ?? {};
  const isEntryOfRow =
    Object.keys(row).length > 0 && indexEntriesOf(table, row).some(([entry]) => entry === key);
  return isEntryOfRow ? [] : [{ kind: "index-entry-without-row", key }];
}

async function findMissingEntries(
  handle: Handle,
  table: TableDescription,
  row: Item,
): Promise<TablesProblem[]> {
  const problems: TablesProblem[] = [];
  for (const [key, item] of indexEntriesOf(table, row)) {
    const entry = await readItem(handle, key);
    if (!entry || !isDeepStrictEqual({ ...entry }, { ...item }))
      problems.push({ kind: "index-entry-missing", key });
  }
  return problems;
}

async function readItem(handle: Handle, key: string): Promise<Item | undefined> {
  const stored = await handle.get(key);
  return stored === undefined ? undefined : (readValue(key, stored) as Item | undefined);
}

async function readTables(handle: Handle): Promise<Map<string, TableDescription>> {
  const tables = new Map<string, TableDescription>();
  for await (const page of pagesOf(handle, "table~", "table~\x7f"))
    for (const [key, stored] of page) {
      const table = readValue(key, stored) as TableDescription | undefined;
      if (table) tables.set(table.TableName, table);
    }
  return tables;
}
