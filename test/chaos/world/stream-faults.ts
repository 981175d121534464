import { setTimeout as wait } from "node:timers/promises";
import type { DynamoDBRecord } from "aws-lambda";

type Records = readonly DynamoDBRecord[];

/** What the push function is shown of one batch. `held`: nothing now, and all of it after the next batch. */
export const streamFaults = ["doubled", "reordered", "held", "late", "lost", "poisoned"] as const;
export type StreamFault = (typeof streamFaults)[number];

export type FaultyStream = {
  /** The next batches meet these faults, one each. */
  arm(faults: readonly StreamFault[]): void;
  /** Nothing fails any more, and what was held is delivered with the next batch. */
  heal(): void;
  /** For `DeliveryOptions.faults`. */
  readonly show: (records: Records) => Promise<Records>;
};

export function createFaultyStream(): FaultyStream {
  const armed: StreamFault[] = [];
  const held: DynamoDBRecord[] = [];
  return {
    arm: (faults) => void armed.push(...faults),
    heal: () => void armed.splice(0),
    async show(records) {
      const before = held.splice(0);
      const fault = armed.shift();
      if (fault === "held") {
        held.push(...records);
        return before;
      }
      return [...(await shown(fault, records)), ...before];
    },
  };
}

async function shown(fault: StreamFault | undefined, records: Records): Promise<Records> {
  switch (fault) {
    case "doubled":
      return [...records, ...records];
    case "reordered":
      return records.toReversed();
    case "late":
      await wait(150);
      return records;
    case "lost":
      return [];
    case "poisoned":
      return [poison(records[0]), ...records];
    default:
      return records;
  }
}

/** A record whose image is of no type that DynamoDB has. */
const poison = (like: DynamoDBRecord | undefined): DynamoDBRecord => ({
  ...like,
  dynamodb: { NewImage: { userId: { WHAT: "is this" } as never }, Keys: {} },
});
