import { BatchGetCommand, type BatchGetCommandOutput } from "@aws-sdk/lib-dynamodb";
import { backoff } from "./backoff.ts";
import type { Database } from "./clients.ts";
import type { TableName } from "./tables.ts";

type Key = Record<string, unknown>;

/** BatchGetItem takes at most this many keys (DynamoDB API reference, BatchGetItem). */
const keysPerCall = 100;

/** The rows that are there of many keys, read consistently, in no order; keys must differ. */
export async function batchGet(
  { client, table }: Database,
  name: TableName,
  keys: readonly Key[],
): Promise<Key[]> {
  const TableName = table(name);
  const rows: Key[] = [];
  let pending = [...keys];
  for (let refusals = 0; pending.length > 0; ) {
    const asked = pending.slice(0, keysPerCall);
    const answer: BatchGetCommandOutput = await client.send(
      new BatchGetCommand({ RequestItems: { [TableName]: { Keys: asked, ConsistentRead: true } } }),
    );
    rows.push(...(answer.Responses?.[TableName] ?? []));
    const unprocessed = answer.UnprocessedKeys?.[TableName]?.Keys ?? [];
    pending = [...pending.slice(keysPerCall), ...unprocessed];
    refusals = unprocessed.length > 0 ? refusals + 1 : 0;
    if (refusals > 0) await backoff(refusals);
  }
  return rows;
}
