import {
  CreateTableCommand,
  DynamoDBClient,
  ResourceInUseException,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { onTestFinished } from "vitest";
import { startDynamoDb } from "../../../../infra/local/dynamodb/engine.ts";
import type { Streams } from "../../../../infra/local/dynamodb/streams.ts";
import { testCredentials } from "../../../support/engine-credentials.ts";
import { until } from "../../../support/until.ts";

export const table = "items";

export function createClient(endpoint: string): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(
    new DynamoDBClient({ endpoint, region: "eu-central-1", credentials: testCredentials, maxAttempts: 1 }),
  );
}

/** An engine with one table: keys `pk` and `sk`, an index `byOwner`, and a stream. */
export async function startEngine(dataDir?: string) {
  const engine = await startDynamoDb({ credentials: testCredentials, ...(dataDir && { dataDir }) });
  const client = createClient(engine.endpoint);
  await createItemsTable(client);
  onTestFinished(() => client.destroy());
  return { ...engine, client };
}

/** The same, closed when the test ends. */
export async function startTestEngine(dataDir?: string) {
  const engine = await startEngine(dataDir);
  onTestFinished(engine.close);
  return engine;
}

export async function createItemsTable(
  client: DynamoDBDocumentClient,
  name = table,
  stream = true,
): Promise<void> {
  const attribute = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const key = (AttributeName: string, KeyType: "HASH" | "RANGE") => ({ AttributeName, KeyType });
  const create = new CreateTableCommand({
    TableName: name,
    BillingMode: "PAY_PER_REQUEST",
    AttributeDefinitions: [attribute("pk"), attribute("sk"), attribute("owner")],
    KeySchema: [key("pk", "HASH"), key("sk", "RANGE")],
    GlobalSecondaryIndexes: [
      { IndexName: "byOwner", KeySchema: [key("owner", "HASH")], Projection: { ProjectionType: "ALL" } },
    ],
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" } }),
  });
  await client.send(create).catch((error: unknown) => {
    if (!(error instanceof ResourceInUseException)) throw error;
  });
  await waitUntilTableExists({ client, maxWaitTime: 5, minDelay: 1 }, { TableName: name });
}

export type Collector = {
  readonly records: DynamoDBRecord[];
  /** The records, once there are at least so many. */
  atLeast(count: number): Promise<DynamoDBRecord[]>;
  stop(): Promise<void>;
};

/** Keeps every record that the table's stream delivers. */
export function collect(streams: Streams, consumer = "collector", name = table): Collector {
  const records: DynamoDBRecord[] = [];
  const { stop } = streams.subscribe(name, async ({ Records }) => void records.push(...Records), {
    consumer,
  });
  return {
    records,
    stop,
    atLeast: async (count) => {
      await until(`${count} records`, () => records.length >= count);
      return records;
    },
  };
}

/** What a record says, without what differs between runs. */
export const essence = ({ eventName, dynamodb: { Keys, OldImage, NewImage } = {} }: DynamoDBRecord) => ({
  eventName,
  ...(Keys && { Keys }),
  ...(OldImage && { OldImage }),
  ...(NewImage && { NewImage }),
});
