import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { tableOf, toStreamRecord } from "../core/aws/stream-records.ts";
import { type PushDeps, push, type SequencedEvent } from "../core/domain/live/push/push.ts";
import { pushEventOf } from "../core/domain/live/push/push-event.ts";

export type PushHandlerDeps = PushDeps & {
  /** Goes before every table's name. */
  readonly tablePrefix: string;
};

/**
 * Pushes what a stream's records mean to devices at both endpoints. Records whose push failed are reported, and delivered
 * again. A record that cannot be read is left out, since it never will be; the revision in `pong` makes up for it.
 */
export const createPushHandler =
  (deps: PushHandlerDeps) =>
  async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = await push(
      deps,
      Records.flatMap((record) => read(deps, record)),
    );
    return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
  };

function read({ tablePrefix, log }: PushHandlerDeps, record: DynamoDBRecord): SequencedEvent[] {
  try {
    const { before, after, sequenceNumber } = toStreamRecord(record);
    const table = tableOf(record).slice(tablePrefix.length);
    const event = pushEventOf({ table, before, after });
    return event ? [{ event, sequenceNumber }] : [];
  } catch (error) {
    log.error(
      { err: error, sequenceNumber: record.dynamodb?.SequenceNumber },
      "A stream record makes no sense",
    );
    return [];
  }
}
