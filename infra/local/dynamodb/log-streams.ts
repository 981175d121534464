import { once } from "node:events";
import { setTimeout as wait } from "node:timers/promises";
import type { DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { asUnavailable } from "../../../core/aws/unavailable.ts";
import { deliver, deliveryOptions } from "./delivery.ts";
import type { Storage } from "./level/level.ts";
import { type StreamLog, shardsOf } from "./stream-log.ts";
import type { DeliveryOptions, StreamHandler, StreamSubscription, Streams } from "./streams.ts";

type Consumer = {
  readonly name: string;
  readonly handler: StreamHandler;
  readonly options: DeliveryOptions;
};

/** Between tries of what failed for a reason that may pass, in milliseconds. */
const outageMs = 1_000;

/** The streams of the embedded engine. A consumer begins at the oldest record kept, later where it left off. */
export function createLogStreams(log: StreamLog): Streams & StreamSubscription {
  const running = new Map<string, StreamSubscription>();
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

function consume(log: StreamLog, tableName: string, consumer: Consumer): StreamSubscription {
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

/** Goes on where it left off after a failure of the database, which is no reason to give a record up. */
async function consumeShard(
  log: StreamLog,
  shard: string,
  consumer: Consumer,
  signal: AbortSignal,
): Promise<void> {
  const stopped = once(signal, "abort");
  while (!signal.aborted) {
    try {
      return await readShard(log, shard, consumer, signal);
    } catch (error) {
      if (signal.aborted) return;
      if (log.storage.refusal() === undefined)
        process.emitWarning(`Stream records of ${shard} cannot be read: ${String(error)}`);
      await Promise.race([log.storage.recovered(), stopped]);
      await wait(outageMs, undefined, { signal }).catch(() => {});
    }
  }
}

async function readShard(
  log: StreamLog,
  shard: string,
  { name, handler, options }: Consumer,
  signal: AbortSignal,
): Promise<void> {
  let position = await log.checkpoint(shard, name);
  const checkpoint = async ({ dynamodb }: DynamoDBRecord) => {
    position = dynamodb?.SequenceNumber ?? position;
    log.setCheckpoint(shard, name, position);
  };
  const listen = () => log.appended(shard, signal).catch(() => {});
  const handle = throughOutages(log.storage, handler, signal);
  // Listening begins before each read that may come back empty, so a record that comes meanwhile is not missed.
  let appended = listen();
  while (!signal.aborted) {
    const records = await log.read(shard, position, options.batchSize);
    await deliver(records, handle, options, checkpoint, signal);
    if (records.length > 0) continue;
    await appended;
    appended = listen();
  }
}

/**
 * A handler that failed while writes were refused, or because another store was full or out of reach, had no fair try:
 * it is invoked again once that has passed, and no record is given up for it.
 */
function throughOutages(storage: Storage, handler: StreamHandler, signal: AbortSignal): StreamHandler {
  const stopped = once(signal, "abort");
  return async (event) => {
    for (;;) {
      const outages = storage.outages();
      const result = await attempt(handler, event);
      const hadOutage = storage.refusal() !== undefined || storage.outages() !== outages;
      if (!(result.failed && hadOutage) && !result.unavailable) return result.answer();
      await Promise.race([storage.recovered(), stopped]);
      if (result.unavailable) await wait(outageMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return result.answer();
    }
  };
}

type Attempt = {
  readonly failed: boolean;
  /** Whether it failed of a store that was full, throttled or out of reach. */
  readonly unavailable: boolean;
  answer(): Awaited<ReturnType<StreamHandler>>;
};

async function attempt(handler: StreamHandler, event: DynamoDBStreamEvent): Promise<Attempt> {
  try {
    const response = await handler(event);
    const failed = (response?.batchItemFailures?.length ?? 0) > 0;
    return { failed, unavailable: false, answer: () => response };
  } catch (error) {
    const answer = () => {
      throw error;
    };
    return { failed: true, unavailable: asUnavailable(error) !== undefined, answer };
  }
}
