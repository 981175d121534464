import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from "aws-lambda";
import { tableOf, toRowChange } from "../core/aws/stream-records.ts";
import { type PushDeps, push, type Told } from "../core/domain/live/push.ts";
import { tellingOf } from "../core/domain/live/tellings.ts";

export type PushHandlerDeps = PushDeps & {
  /** Goes before every table's name. */
  readonly tablePrefix: string;
};

/**
 * Tells devices at both doors what a stream's records mean. Records that cannot be told just now are reported, and
 * come again; one that cannot be read never will be, so it is left out and the heads in `pong` make up for it.
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

function read({ tablePrefix, log }: PushHandlerDeps, record: DynamoDBRecord): Told[] {
  try {
    const { before, after, sequenceNumber } = toRowChange(record);
    const table = tableOf(record).slice(tablePrefix.length);
    const telling = tellingOf({ table, before, after });
    return telling ? [{ telling, recordId: sequenceNumber }] : [];
  } catch (error) {
    log.error(
      { err: error, sequenceNumber: record.dynamodb?.SequenceNumber },
      "A stream record makes no sense",
    );
    return [];
  }
}
