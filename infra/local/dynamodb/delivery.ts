import { setTimeout as wait } from "node:timers/promises";
import type { DynamoDBBatchResponse, DynamoDBRecord } from "aws-lambda";
import type { DeliveryOptions, StreamHandler } from "./streams.ts";

type Records = readonly DynamoDBRecord[];
type Failure = { readonly at: number; readonly error: unknown };
type Attempt = { readonly records: Records; readonly retries: number };

/** Called with each record up to which the shard is done, delivered or given up. */
export type Checkpoint = (record: DynamoDBRecord) => Promise<void>;

const defaults: DeliveryOptions = {
  batchSize: 100,
  maximumRetryAttempts: 5,
  bisectBatchOnFunctionError: true,
  backoffMs: 100,
  maximumBackoffMs: 10_000,
  onFailure: (records, error) =>
    process.emitWarning(`${records.length} stream record(s) given up: ${String(error)}`),
  faults: async (records) => records,
};

export const deliveryOptions = (options: Partial<DeliveryOptions> = {}): DeliveryOptions => ({
  ...defaults,
  ...options,
});

/**
 * Delivers one batch as Lambda's event source mapping does (Lambda developer guide, "Using Lambda with DynamoDB"):
 * a batch that fails is tried again, from the first failed record where the handler reports one, or in halves;
 * when its tries are used up it is given up and the shard goes on. Returns early, without a checkpoint, when the
 * signal aborts: what was not checkpointed is delivered again.
 */
export async function deliver(
  batch: Records,
  handler: StreamHandler,
  options: DeliveryOptions,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<void> {
  const left: Attempt[] = batch.length > 0 ? [{ records: batch, retries: 0 }] : [];
  for (let next = left.shift(); next && !signal.aborted; next = left.shift()) {
    const failure = await invoke(next.records, handler, options);
    left.unshift(...(await proceed(next, failure, options, checkpoint, signal)));
  }
}

/** Settles what can be settled after an invocation; returns what is to be tried next. */
async function proceed(
  { records, retries }: Attempt,
  failure: Failure | undefined,
  options: DeliveryOptions,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Attempt[]> {
  const done = records.slice(0, failure?.at).at(-1);
  if (done) await checkpoint(done);
  if (!failure) return [];
  if (done) return [{ records: records.slice(failure.at), retries: 0 }];
  if (options.bisectBatchOnFunctionError && records.length > 1) return halve(records, retries);
  if (retries === options.maximumRetryAttempts) {
    await giveUp(records, failure, options, checkpoint);
    return [];
  }
  await backOff(retries, options, signal);
  return [{ records, retries: retries + 1 }];
}

/** Halving does not count as a try. */
function halve(records: Records, retries: number): Attempt[] {
  const middle = Math.ceil(records.length / 2);
  return [records.slice(0, middle), records.slice(middle)].map((half) => ({ records: half, retries }));
}

async function giveUp(
  records: Records,
  { error }: Failure,
  options: DeliveryOptions,
  checkpoint: Checkpoint,
): Promise<void> {
  await options.onFailure(records, error);
  const last = records.at(-1);
  if (last) await checkpoint(last);
}

async function invoke(
  records: Records,
  handler: StreamHandler,
  { faults }: DeliveryOptions,
): Promise<Failure | undefined> {
  try {
    return firstFailure(records, await handler({ Records: [...(await faults(records))] }));
  } catch (error) {
    return { at: 0, error };
  }
}

/** An identifier that is not in the batch fails all of it, as with Lambda. */
// biome-ignore lint/suspicious/noConfusingVoidType: see StreamHandler
function firstFailure(records: Records, response: DynamoDBBatchResponse | void): Failure | undefined {
  const identifiers = response?.batchItemFailures?.map(({ itemIdentifier }) => itemIdentifier) ?? [];
  if (identifiers.length === 0) return undefined;
  const places = identifiers.map((id) =>
    records.findIndex(({ dynamodb }) => dynamodb?.SequenceNumber === id),
  );
  return { at: Math.max(0, Math.min(...places)), error: new Error("The handler reported failed items") };
}

async function backOff(retries: number, options: DeliveryOptions, signal: AbortSignal): Promise<void> {
  const ms = Math.min(options.backoffMs * 2 ** retries, options.maximumBackoffMs);
  await wait(ms, undefined, { signal }).catch(() => {});
}
