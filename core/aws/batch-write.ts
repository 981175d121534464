import { BatchWriteCommand } from "@aws-sdk/lib-dynamodb";
import { backoff } from "./backoff.ts";
import type { Database } from "./clients.ts";
import type { TableName } from "./tables.ts";

/** BatchWriteItem takes at most this many rows (DynamoDB API reference, BatchWriteItem). */
const rowsPerCall = 25;
/** Requests of one call under way at a time. */
const parallel = 8;

type Row = Record<string, unknown>;
export type WriteRequest =
  | { readonly PutRequest: { readonly Item: Row } }
  | { readonly DeleteRequest: { readonly Key: Row } };

/** Puts and deletes rows, whose keys must differ, without conditions. */
export async function batchWrite(
  database: Database,
  name: TableName,
  requests: readonly WriteRequest[],
): Promise<void> {
  const chunks = Array.from({ length: Math.ceil(requests.length / rowsPerCall) }, (_, at) =>
    requests.slice(at * rowsPerCall, (at + 1) * rowsPerCall),
  );
  const next = async (): Promise<void> => {
    for (let chunk = chunks.pop(); chunk; chunk = chunks.pop()) await writeChunk(database, name, chunk);
  };
  await Promise.all(Array.from({ length: Math.min(parallel, chunks.length) }, next));
}

async function writeChunk(
  { client, table }: Database,
  name: TableName,
  chunk: readonly WriteRequest[],
): Promise<void> {
  const physical = table(name);
  let pending = [...chunk];
  for (let attempt = 1; ; attempt++) {
    const { UnprocessedItems } = await client.send(
      new BatchWriteCommand({ RequestItems: { [physical]: pending } }),
    );
    pending = (UnprocessedItems?.[physical] ?? []) as WriteRequest[];
    if (pending.length === 0) return;
    await backoff(attempt);
  }
}
