import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";

/** A Lambda that a table's stream invokes. */
// biome-ignore lint/suspicious/noConfusingVoidType: a Lambda that reports no partial failures returns nothing
export type StreamHandler = (event: DynamoDBStreamEvent) => Promise<DynamoDBBatchResponse | void>;

/** The settings of Lambda's event source mapping, with its names. */
export type DeliveryOptions = {
  /** At most so many records an invocation. */
  readonly batchSize: number;
  /** Tries after the first one; then the records go to `onFailure` and the shard goes on. -1: for ever. */
  readonly maximumRetryAttempts: number;
  /** A failed batch is halved, so that in the end only the poison record is given up. */
  readonly bisectBatchOnFunctionError: boolean;
  /** The wait before the first retry, in milliseconds; it doubles with each, up to `maximumBackoffMs`. */
  readonly backoffMs: number;
  readonly maximumBackoffMs: number;
  /** Told of the records given up, and why. */
  readonly onFailure: (records: readonly DynamoDBRecord[], error: unknown) => void | Promise<void>;
  /** For tests of faults: what an invocation is really shown (records doubled, dropped, late, reordered). */
  readonly faults: (records: readonly DynamoDBRecord[]) => Promise<readonly DynamoDBRecord[]>;
};

export type SubscribeOptions = Partial<DeliveryOptions> & {
  /** Each consumer has its own place in the stream, kept over restarts. Default: `default`. */
  readonly consumer?: string;
};

export type StreamSubscription = {
  /** Takes no further batch and waits for the ones in flight. */
  stop(): Promise<void>;
};

export type Streams = {
  /** Delivers each record of the table's stream at least once, in order within an item. */
  subscribe(tableName: string, handler: StreamHandler, options?: SubscribeOptions): StreamSubscription;
};
