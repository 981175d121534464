import type { DynamoDBRecord } from "aws-lambda";
import { deliver, deliveryOptions } from "./delivery.ts";
import { type StreamLog, shardsOf } from "./stream-log.ts";
import type { DeliveryOptions, StreamHandler, Streams, Subscription } from "./streams.ts";

type Consumer = {
  readonly name: string;
  readonly handler: StreamHandler;
  readonly options: DeliveryOptions;
};

/** The streams of the embedded engine. A consumer begins at the oldest record kept, later where it left off. */
export function createLogStreams(log: StreamLog): Streams & Subscription {
  const running = new Map<string, Subscription>();
  return {
    subscribe(tableName, handler, { consumer: name = "default", ...options } = {}) {
      const id = `${tableName}~${name}`;
      if (running.has(id)) throw new Error(`${tableName} already has a consumer named ${name}`);
      const { stop } = consume(log, tableName, { name, handler, options: deliveryOptions(options) });
      const subscription = { stop: () => stop().finally(() => running.delete(id)) };
      running.set(id, subscription);
      return subscription;
    },
    stop: async () => {
      await Promise.all([...running.values()].map(({ stop }) => stop()));
    },
  };
}

function consume(log: StreamLog, tableName: string, consumer: Consumer): Subscription {
  const stopping = new AbortController();
  const shards = Promise.all(
    shardsOf(tableName).map((shard) => consumeShard(log, shard, consumer, stopping.signal)),
  );
  return {
    stop: async () => {
      stopping.abort();
      await shards;
    },
  };
}

async function consumeShard(
  log: StreamLog,
  shard: string,
  { name, handler, options }: Consumer,
  signal: AbortSignal,
): Promise<void> {
  let position = await log.checkpoint(shard, name);
  const checkpoint = async ({ dynamodb }: DynamoDBRecord) => {
    position = dynamodb?.SequenceNumber ?? position;
    await log.setCheckpoint(shard, name, position);
  };
  const listen = () => log.appended(shard, signal).catch(() => {});
  // Listening begins before each read that may come back empty, so a record that comes meanwhile is not missed.
  let appended = listen();
  while (!signal.aborted) {
    const records = await log.read(shard, position, options.batchSize);
    await deliver(records, handler, options, checkpoint, signal);
    if (records.length > 0) continue;
    await appended;
    appended = listen();
  }
}
