import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from "aws-lambda";
import { toStreamRecord } from "../core/aws/stream-records.ts";
import { createSemaphore } from "../core/domain/shared/semaphore.ts";
import type { ProcessDeps } from "../core/domain/uploads/deps.ts";
import { processUpload } from "../core/domain/uploads/process.ts";

/** A machine has no more cores to spare for it, and each may have half a gigabyte in the temporary folder. */
const processedAtOnce = 2;

/**
 * Processes the uploads that a stream's records say are to be: those that became `processing`. One that fails is told
 * to the stream, which delivers it again; what it is in the end stands in its row.
 */
export function createProcessUploadsHandler(deps: ProcessDeps) {
  const inTurn = createSemaphore(processedAtOnce);
  return async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = await Promise.all(
      Records.map(toStreamRecord).map(async ({ keys, before, after, sequenceNumber }) => {
        if (after?.state !== "processing" || before?.state === "processing") return [];
        const uploadId = String(keys.uploadId);
        try {
          await inTurn(() => processUpload(deps, uploadId));
          return [];
        } catch (err) {
          deps.log.warn({ uploadId, err }, "An upload is to be processed again");
          return [{ itemIdentifier: sequenceNumber }];
        }
      }),
    );
    return { batchItemFailures: failed.flat() };
  };
}
