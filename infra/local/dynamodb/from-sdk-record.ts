import type { _Record as SdkRecord, AttributeValue as SdkValue } from "@aws-sdk/client-dynamodb-streams";
import type { AttributeValue, DynamoDBRecord } from "aws-lambda";

/** A stream record as Lambda shows it: the SDK has dates and bytes where an event has seconds and base64. */
export function fromSdkRecord(record: SdkRecord, streamArn: string): DynamoDBRecord {
  const {
    ApproximateCreationDateTime: time,
    Keys,
    OldImage,
    NewImage,
    SequenceNumber,
  } = record.dynamodb ?? {};
  return {
    eventID: record.eventID ?? "",
    ...(record.eventName && { eventName: record.eventName }),
    eventVersion: record.eventVersion ?? "1.1",
    eventSource: "aws:dynamodb",
    awsRegion: record.awsRegion ?? "",
    dynamodb: {
      ...(time && { ApproximateCreationDateTime: Math.floor(time.getTime() / 1000) }),
      ...(Keys && { Keys: toImage(Keys) }),
      ...(OldImage && { OldImage: toImage(OldImage) }),
      ...(NewImage && { NewImage: toImage(NewImage) }),
      ...(SequenceNumber && { SequenceNumber }),
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
    eventSourceARN: streamArn,
  };
}

const toImage = (item: Record<string, SdkValue>): Record<string, AttributeValue> =>
  Object.fromEntries(Object.entries(item).map(([name, value]) => [name, toValue(value)]));

function toValue(value: SdkValue): AttributeValue {
  if (value.B) return { B: base64(value.B) };
  if (value.BS) return { BS: value.BS.map(base64) };
  if (value.L) return { L: value.L.map(toValue) };
  if (value.M) return { M: toImage(value.M) };
  return value as AttributeValue;
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");
