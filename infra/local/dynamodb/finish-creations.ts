import type { Level, Operation } from "./level/level.ts";
import type { TableDescription } from "./store.ts";

type Creation = TableDescription & {
  readonly TableStatus: string;
  readonly GlobalSecondaryIndexes?: readonly object[];
};

/** dynalite makes a table in two writes; a process that ended between them left it in creation for good. */
export async function finishCreations(db: Level): Promise<void> {
  const operations: Operation[] = [];
  for await (const [key, value] of db.entries({ gt: "table~", lt: "table~\x7f" })) {
    const table = value as Creation;
    if (table.TableStatus === "CREATING") operations.push({ type: "put", key, value: finished(table) });
  }
  if (operations.length > 0) await db.batch(operations);
}

const finished = (table: Creation): Creation => ({
  ...table,
  TableStatus: "ACTIVE",
  ...(table.GlobalSecondaryIndexes && {
    GlobalSecondaryIndexes: table.GlobalSecondaryIndexes.map((index) => ({
      ...index,
      IndexStatus: "ACTIVE",
    })),
  }),
});
