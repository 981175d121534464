import { createRequire } from "node:module";
import type { Item, TableDescription } from "./store.ts";

type IndexDescription = { readonly IndexName: string };
type Indexed = TableDescription & {
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
};

const database: {
  createKey(item: Item, table: TableDescription): string;
  getIndexActions(
    indexes: readonly IndexDescription[],
    before: undefined,
    after: Item,
    table: TableDescription,
  ): { readonly puts: readonly { readonly index: string; readonly key: string; readonly item: Item }[] };
} = createRequire(import.meta.url)("dynalite/db");

export const rowKey = (table: TableDescription, item: Item): string =>
  `item-${table.TableName}~${database.createKey(item, table)}`;

/** The entries that a row has in the table's indexes. */
export function indexEntriesOf(table: TableDescription, item: Item): (readonly [key: string, item: Item])[] {
  const { LocalSecondaryIndexes: local = [], GlobalSecondaryIndexes: global = [] } = table as Indexed;
  const entries = (kind: string, indexes: readonly IndexDescription[]) =>
    database
      .getIndexActions(indexes, undefined, item, table)
      .puts.map(
        ({ index, key, item }) => [`index-${kind}~${table.TableName}~${index}~${key}`, item] as const,
      );
  return [...entries("local", local), ...entries("global", global)];
}

/** The table of a key of rows or of index entries; undefined for any other key. */
export const tableNameOf = (key: string): string | undefined =>
  /^(?:item-|index-\w+~)([^~]+)~/.exec(key)?.[1];
