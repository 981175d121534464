import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";

/** One committed write, in plain JavaScript values (DynamoDB Streams API reference, StreamRecord). */
export type StreamRecord = {
  readonly keys: Record<string, unknown>;
  readonly before: Record<string, unknown> | undefined;
  readonly after: Record<string, unknown> | undefined;
  readonly sequenceNumber: string;
};

export const toStreamRecord = ({ dynamodb }: DynamoDBRecord): StreamRecord => ({
  keys: plain(dynamodb?.Keys) ?? {},
  before: plain(dynamodb?.OldImage),
  after: plain(dynamodb?.NewImage),
  sequenceNumber: dynamodb?.SequenceNumber ?? "",
});

/** The event's type and the SDK's describe the same JSON; their unions differ in name only. */
const plain = (image: unknown): Record<string, unknown> | undefined =>
  image === undefined ? undefined : unmarshall(image as Record<string, AttributeValue>);

/** The table of a record, from `arn:aws:dynamodb:<region>:<account>:table/<name>/stream/<label>`. */
export const tableOf = ({ eventSourceARN }: DynamoDBRecord): string => eventSourceARN?.split("/")[1] ?? "";
