import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { marshall, unmarshall } from "@aws-sdk/util-dynamodb";
import { indexEntriesOf, tableNameOf } from "../dynamodb/index-entries.ts";
import type { Level } from "../dynamodb/level/level.ts";
import type { Item, TableDescription } from "../dynamodb/store.ts";

/** Attributes of a row to set; those that are undefined are removed. None of them is a key of an index. */
export type Edit = { readonly key: string; readonly set: Readonly<Record<string, unknown>> };

/** Changes rows of tables that no engine has open, and their index entries with them, each row at once. */
export async function editRows(tables: Level, edits: readonly Edit[]): Promise<void> {
  for (const { key, set } of edits) {
    const before = (await tables.get(key)) as Record<string, AttributeValue> | undefined;
    const table = (await tables.get(`table~${tableNameOf(key)}`)) as TableDescription | undefined;
    if (!before || !table) continue;
    const item = marshall({ ...unmarshall(before), ...set }, { removeUndefinedValues: true }) as Item;
    await tables.batch([
      { type: "put", key, value: item },
      ...indexEntriesOf(table, item).map(([entry, value]) => ({ type: "put" as const, key: entry, value })),
    ]);
  }
}
