import { EventEmitter, once } from "node:events";
import { crc32 } from "node:zlib";
import type { DynamoDBRecord } from "aws-lambda";
import type { Level, Operation, TableDescription } from "./dynalite.ts";
import { type Change, isChange, partitionOf, toRecord } from "./record.ts";
import { createSequence, timeOfSequence } from "./sequence.ts";

/** Shards a table; part of the format on disk. A record that cannot be delivered holds up one of them. */
export const shardCount = 8;

/** As long as DynamoDB keeps stream records. */
const retentionMs = 24 * 60 * 60 * 1000;

export type Append = {
  /** Belongs into the batch that writes the row. */
  readonly operation: Operation;
  /** To be called when that batch was committed, or has failed. */
  settle(): void;
};

export type StreamLog = {
  /** The record of a change, to be written with it; undefined where the table has no stream or nothing changed. */
  append(table: TableDescription, change: Change): Append | undefined;
  /** The committed records after a sequence number, oldest first; never past one that is still being written. */
  read(shard: string, after: string, limit: number): Promise<DynamoDBRecord[]>;
  /** Resolves at the shard's next committed record; rejects when the signal aborts. */
  appended(shard: string, signal: AbortSignal): Promise<unknown>;
  /** The last record the consumer is done with; empty when there is none. */
  checkpoint(shard: string, consumer: string): Promise<string>;
  setCheckpoint(shard: string, consumer: string, sequence: string): Promise<void>;
};

export const shardsOf = (tableName: string): string[] =>
  Array.from({ length: shardCount }, (_, index) => `${tableName}~${index}`);

const shardOf = (table: TableDescription, change: Change): string =>
  `${table.TableName}~${crc32(partitionOf(table, change)) % shardCount}`;

const recordKey = (shard: string, sequence: string): string => `stream~${shard}~${sequence}`;
const checkpointKey = (shard: string, consumer: string): string => `checkpoint~${shard}~${consumer}`;

/** The stream records of all tables, kept in the database they tell of. */
export async function openStreamLog(db: Level): Promise<StreamLog> {
  const sequence = createSequence(await countStart(db));
  await dropOldRecords(db);
  /** Sequence numbers being written, ascending, by shard. */
  const writing = new Map<string, Set<string>>();
  const appended = new EventEmitter().setMaxListeners(0);

  return {
    append(table, change) {
      if (!table.StreamSpecification?.StreamEnabled || !isChange(change)) return undefined;
      const shard = shardOf(table, change);
      const number = sequence.next();
      const numbers = writing.get(shard) ?? new Set();
      writing.set(shard, numbers.add(number));
      return {
        operation: { type: "put", key: recordKey(shard, number), value: toRecord(table, change, number) },
        settle() {
          numbers.delete(number);
          appended.emit(shard);
        },
      };
    },

    async read(shard, after, limit) {
      const [firstUnwritten] = writing.get(shard) ?? [];
      const end = firstUnwritten
        ? { lt: recordKey(shard, firstUnwritten) }
        : { lte: recordKey(shard, sequence.last()) };
      const values = await db.values({ gt: recordKey(shard, after), ...end, limit }).all();
      return values as DynamoDBRecord[];
    },

    appended: (shard, signal) => once(appended, shard, { signal }),

    async checkpoint(shard, consumer) {
      return ((await db.get(checkpointKey(shard, consumer))) as string | undefined) ?? "";
    },
    setCheckpoint: (shard, consumer, number) => db.put(checkpointKey(shard, consumer), number),
  };
}

async function countStart(db: Level): Promise<number> {
  const start = (((await db.get("stream-start")) as number | undefined) ?? 0) + 1;
  await db.put("stream-start", start);
  return start;
}

async function dropOldRecords(db: Level): Promise<void> {
  const operations: Operation[] = [];
  for await (const key of db.keys({ gt: "stream~", lt: "stream~\x7f" })) {
    const age = Date.now() - timeOfSequence(key.slice(key.lastIndexOf("~") + 1));
    if (age > retentionMs) operations.push({ type: "del", key });
  }
  await db.batch(operations);
}
