import type { AttributeValue, DynamoDBRecord } from "aws-lambda";
import { timeOfSequence } from "./sequence.ts";
import type { Item, TableDescription } from "./store.ts";

/** What a write did to one row; an absent image is an absent row. */
export type ItemChange = { readonly before: Item | undefined; readonly after: Item | undefined };

/** A write that leaves the row as it was makes no record (DynamoDB developer guide, "Change data capture"). */
export const isChange = ({ before, after }: ItemChange): boolean => canonical(before) !== canonical(after);

export function toRecord(table: TableDescription, change: ItemChange, sequence: string): DynamoDBRecord {
  const [, , , awsRegion = ""] = table.TableArn.split(":");
  const { before, after } = change;
  return {
    eventID: sequence,
    eventName: before ? (after ? "MODIFY" : "REMOVE") : "INSERT",
    eventVersion: "1.1",
    eventSource: "aws:dynamodb",
    awsRegion,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(timeOfSequence(sequence) / 1000),
      Keys: keysOf(table, change),
      ...(before && { OldImage: before }),
      ...(after && { NewImage: after }),
      SequenceNumber: sequence,
      StreamViewType: "NEW_AND_OLD_IMAGES",
    },
    eventSourceARN: `${table.TableArn}/stream/${new Date(table.CreationDateTime * 1000).toISOString()}`,
  };
}

/** The partition key's value, by which records are spread over shards. */
export function partitionOf({ KeySchema }: TableDescription, { before, after }: ItemChange): string {
  const name = KeySchema.find(({ KeyType }) => KeyType === "HASH")?.AttributeName ?? "";
  return JSON.stringify((after ?? before)?.[name]);
}

function keysOf(
  { KeySchema }: TableDescription,
  { before, after }: ItemChange,
): Record<string, AttributeValue> {
  const image = after ?? before ?? {};
  const names = KeySchema.map(({ AttributeName }) => AttributeName);
  return Object.fromEntries(Object.entries(image).filter(([name]) => names.includes(name)));
}

/** One text for equal items: neither the order of a map's keys nor that of a set's members means anything. */
const canonical = (item: Item | undefined): string | undefined => item && JSON.stringify(item, sorted);

const sets = new Set(["SS", "NS", "BS"]);

function sorted(key: string, value: unknown): unknown {
  if (Array.isArray(value)) return sets.has(key) ? value.toSorted() : value;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
