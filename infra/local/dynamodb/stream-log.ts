import { EventEmitter, once } from "node:events";
import { crc32 } from "node:zlib";
import type { DynamoDBRecord } from "aws-lambda";
import type { Level, Operation, Storage } from "./level/level.ts";
import { type ItemChange, isChange, partitionOf, toRecord } from "./record.ts";
import { createSequence } from "./sequence.ts";
import type { TableDescription } from "./store.ts";

/** Shards a table; part of the format on disk. A record that cannot be delivered holds up one of them. */
const shardCount = 8;

type Append = {
  /** Belongs into the batch that writes the row. */
  readonly operation: Operation;
  /** To be called when that batch was committed, or has failed. */
  settle(): void;
};

export type StreamLog = {
  /** The record of a change, to be written with it; undefined where the table has no stream or nothing changed. */
  append(table: TableDescription, change: ItemChange): Append | undefined;
  /** The committed records after a sequence number, oldest first; never past one that is still being written. */
  read(shard: string, after: string, limit: number): Promise<DynamoDBRecord[]>;
  /** Resolves at the shard's next committed record; rejects when the signal aborts. */
  appended(shard: string, signal: AbortSignal): Promise<unknown>;
  /** The last record the consumer is done with; empty when there is none. */
  checkpoint(shard: string, consumer: string): Promise<string>;
  /** Lasts within a second or so: after a kill or a power cut, a consumer is shown some records again. */
  setCheckpoint(shard: string, consumer: string, sequence: string): void;
  readonly storage: Storage;
};

export const shardsOf = (tableName: string): string[] =>
  Array.from({ length: shardCount }, (_, index) => `${tableName}~${index}`);

const shardOf = (table: TableDescription, change: ItemChange): string =>
  `${table.TableName}~${crc32(partitionOf(table, change)) % shardCount}`;

const recordKey = (shard: string, sequence: string): string => `stream~${shard}~${sequence}`;
const checkpointKey = (shard: string, consumer: string): string => `checkpoint~${shard}~${consumer}`;

/** The stream records of all tables, kept in the database they tell of. */
export async function openStreamLog(db: Level): Promise<StreamLog> {
  const sequence = createSequence(await countStart(db));
  /** Sequence numbers being written, ascending, by shard. */
  const writing = new Map<string, Set<string>>();
  /** Those of this process, some of which are not in the database yet. */
  const checkpoints = new Map<string, string>();
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
      const records: DynamoDBRecord[] = [];
      for await (const [, record] of db.entries({ gt: recordKey(shard, after), ...end, limit }))
        records.push(record as DynamoDBRecord);
      return records;
    },

    appended: (shard, signal) => once(appended, shard, { signal }),

    async checkpoint(shard, consumer) {
      const key = checkpointKey(shard, consumer);
      return checkpoints.get(key) ?? ((await db.get(key)) as string | undefined) ?? "";
    },
    setCheckpoint(shard, consumer, number) {
      const key = checkpointKey(shard, consumer);
      checkpoints.set(key, number);
      db.putLater(key, number);
    },
    storage: db.storage,
  };
}

async function countStart(db: Level): Promise<number> {
  const start = (((await db.get("stream-start")) as number | undefined) ?? 0) + 1;
  await db.batch([{ type: "put", key: "stream-start", value: start }]);
  return start;
}
