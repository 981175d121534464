import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { backoff } from "./backoff.ts";
import type { Database } from "./clients.ts";
import type { TableName } from "./tables.ts";

/** BatchWriteItem takes at most this many rows (DynamoDB API reference, BatchWriteItem). */
const rowsPerCall = 25;

/** Deletes rows by their keys, which must differ; a row that is not there is no error. */
export async function batchDelete(
  { client, table }: Database,
  name: TableName,
  keys: readonly Record<string, unknown>[],
): Promise<void> {
  const physical = table(name);
  let pending = keys.map((Key) => ({ DeleteRequest: { Key } }));
  for (let attempt = 0; pending.length > 0; ) {
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [physical]: pending.slice(0, rowsPerCall) } }),
    );
    const refused = (UnprocessedItems?.[physical] ?? []) as typeof pending;
    pending = [...pending.slice(rowsPerCall), ...refused];
    attempt = refused.length > 0 ? attempt + 1 : 0;
    if (attempt > 0) await backoff(attempt);
  }
}
