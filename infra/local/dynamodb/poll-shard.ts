import { setTimeout as wait } from "node:timers/promises";
import {
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";
import { deliver } from "./delivery.ts";
import { fromSdkRecord } from "./from-sdk-record.ts";
import type { DeliveryOptions, StreamHandler } from "./streams.ts";

export type StartingPosition = "TRIM_HORIZON" | "LATEST";

export type PolledShard = {
  readonly client: DynamoDBStreamsClient;
  readonly streamArn: string;
  readonly shardId: string;
  readonly handler: StreamHandler;
  readonly options: DeliveryOptions;
  /** The wait after a read that found nothing. */
  readonly pollMs: number;
};

/** How far a shard has been read; it outlives a reading that failed. */
export type ShardCursor = { start: StartingPosition; after?: string | undefined };

/** Delivers one shard's records in order. Returns when the shard has ended or is gone, or the signal aborts. */
export async function pollShard(shard: PolledShard, cursor: ShardCursor, signal: AbortSignal): Promise<void> {
  const checkpoint = async ({ dynamodb }: DynamoDBRecord) => {
    cursor.after = dynamodb?.SequenceNumber;
  };
  let iterator = await openIterator(shard, cursor);
  while (iterator && !signal.aborted) {
    try {
      const { records, next } = await readRecords(shard, iterator);
      await deliver(records, shard.handler, shard.options, checkpoint, signal);
      iterator = next;
      if (records.length === 0 && next) await wait(shard.pollMs, undefined, { signal }).catch(() => {});
    } catch (error) {
      if (error instanceof ResourceNotFoundException) return;
      iterator = await reopen(shard, cursor, error);
    }
  }
}

/** An iterator lasts 15 minutes, a record 24 hours; a slow handler can outlast both. */
async function reopen(shard: PolledShard, cursor: ShardCursor, error: unknown): Promise<string | undefined> {
  if (error instanceof TrimmedDataAccessException) {
    cursor.start = "TRIM_HORIZON";
    cursor.after = undefined;
  } else if (!(error instanceof ExpiredIteratorException)) throw error;
  return openIterator(shard, cursor);
}

async function readRecords({ client, streamArn, options }: PolledShard, iterator: string) {
  const { Records = [], NextShardIterator } = await client.send(
    new GetRecordsCommand({ ShardIterator: iterator, Limit: options.batchSize }),
  );
  return { records: Records.map((record) => fromSdkRecord(record, streamArn)), next: NextShardIterator };
}

async function openIterator(
  { client, streamArn, shardId }: PolledShard,
  { start, after }: ShardCursor,
): Promise<string | undefined> {
  const place = after
    ? { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, SequenceNumber: after }
    : { ShardIteratorType: start };
  const { ShardIterator } = await client.send(
    new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...place }),
  );
  return ShardIterator;
}
