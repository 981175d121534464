import { setTimeout as wait } from "node:timers/promises";
import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  ListStreamsCommand,
  type Shard,
} from "@aws-sdk/client-dynamodb-streams";
import { deliveryOptions } from "./delivery.ts";
import { type PolledShard, pollShard, type ShardCursor, type StartingPosition } from "./poll-shard.ts";
import type { StreamSubscription, Streams } from "./streams.ts";

export type PollOptions = {
  /** Where a stream is taken up. Nothing is remembered over a restart. Default: the oldest record kept. */
  readonly start?: StartingPosition;
  /** The wait after a read that found nothing, in milliseconds. */
  readonly pollMs?: number;
  /** How often new shards are looked for, in milliseconds. */
  readonly discoverMs?: number;
};

type Source = Omit<PolledShard, "streamArn" | "shardId"> & {
  readonly tableName: string;
  readonly start: StartingPosition;
  readonly discoverMs: number;
};

/** The streams of an engine that has DynamoDB Streams of its own. */
export function createPolledStreams(
  client: DynamoDBStreamsClient,
  poll: PollOptions = {},
): Streams & StreamSubscription {
  const { start = "TRIM_HORIZON", pollMs = 100, discoverMs = 2_000 } = poll;
  const running = new Set<StreamSubscription>();
  return {
    subscribe(tableName, handler, options) {
      const stopping = new AbortController();
      const source = {
        client,
        tableName,
        handler,
        options: deliveryOptions(options),
        start,
        pollMs,
        discoverMs,
      };
      const polling = pollTable(source, stopping.signal);
      const subscription = {
        stop: async () => {
          stopping.abort();
          await polling;
          running.delete(subscription);
        },
      };
      running.add(subscription);
      return subscription;
    },
    stop: async () => {
      await Promise.all([...running].map(({ stop }) => stop()));
    },
  };
}

/** Follows a table's shards: a child is read when its parent has been read to the end, so order is kept. */
async function pollTable(source: Source, signal: AbortSignal): Promise<void> {
  const reading = new Map<string, Promise<void>>();
  const ended = new Set<string>();
  let start = source.start;
  while (!signal.aborted) {
    const { streamArn, shards } = await discover(source).catch(warn);
    const known = new Set(shards.map(({ ShardId }) => ShardId));
    for (const { ShardId: shardId, ParentShardId: parent } of shards) {
      if (!shardId || reading.has(shardId)) continue;
      if (parent && known.has(parent) && !ended.has(parent)) continue;
      const done = follow({ ...source, streamArn, shardId }, { start }, signal);
      reading.set(
        shardId,
        done.then(() => void ended.add(shardId)),
      );
    }
    // Shards that appear later hold only what was written later: they are read from their beginning.
    if (shards.length > 0) start = "TRIM_HORIZON";
    await wait(source.discoverMs, undefined, { signal }).catch(() => {});
  }
  await Promise.all(reading.values());
}

/** A shard whose reading fails is taken up again where it was left. */
async function follow(shard: PolledShard, cursor: ShardCursor, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      return await pollShard(shard, cursor, signal);
    } catch (error) {
      warn(error);
      await wait(shard.options.maximumBackoffMs, undefined, { signal }).catch(() => {});
    }
  }
}

function warn(error: unknown): Discovered {
  process.emitWarning(`A stream cannot be read: ${String(error)}`);
  return { streamArn: "", shards: [] };
}

type Discovered = { readonly streamArn: string; readonly shards: readonly Shard[] };

/** The table's newest stream: one that was switched off stays listed for a day. */
async function discover({ client, tableName }: Source): Promise<Discovered> {
  const { Streams: streams = [] } = await client.send(new ListStreamsCommand({ TableName: tableName }));
  const [newest] = streams.toSorted((a, b) => ((a.StreamLabel ?? "") < (b.StreamLabel ?? "") ? 1 : -1));
  const streamArn = newest?.StreamArn;
  return streamArn
    ? { streamArn, shards: await listShards(client, streamArn) }
    : { streamArn: "", shards: [] };
}

async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let after: string | undefined;
  do {
    const { StreamDescription: page } = await client.send(
      new DescribeStreamCommand({ StreamArn: streamArn, ...(after && { ExclusiveStartShardId: after }) }),
    );
    shards.push(...(page?.Shards ?? []));
    after = page?.LastEvaluatedShardId;
  } while (after);
  return shards;
}
