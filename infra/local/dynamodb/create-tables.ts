import {
  CreateTableCommand,
  type CreateTableCommandInput,
  type DynamoDBClient,
  DynamoDBServiceException,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from "@aws-sdk/client-dynamodb";
import {
  type IndexDefinition,
  type Key,
  physicalTableName,
  type TableDefinition,
  tables,
} from "../../../core/aws/tables.ts";

/** Makes every table that is not there yet, and returns when all can be used. Any engine will do. */
export async function createTables(client: DynamoDBClient, tablePrefix: string): Promise<void> {
  await Promise.all(tables.map((table) => createTable(client, tablePrefix, table)));
}

async function createTable(client: DynamoDBClient, prefix: string, table: TableDefinition): Promise<void> {
  const TableName = physicalTableName(prefix, table.name);
  try {
    await client.send(new CreateTableCommand(toCreateTable(TableName, table)));
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
  await waitForTable(client, TableName);
  if (table.ttlAttribute) await enableTtl(client, TableName, table.ttlAttribute);
}

async function waitForTable(client: DynamoDBClient, TableName: string): Promise<void> {
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 2 }, { TableName });
}

/**
 * Also of a table that was made before, by an engine that had none then. Not every engine has time to live, and nothing
 * depends on it: an expired row is dead whether or not it is gone.
 */
async function enableTtl(client: DynamoDBClient, TableName: string, AttributeName: string): Promise<void> {
  const TimeToLiveSpecification = { AttributeName, Enabled: true };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    if (!(error instanceof DynamoDBServiceException) || !isHarmless(error)) throw error;
  }
}

const isHarmless = ({ name, message }: DynamoDBServiceException): boolean =>
  name === "UnknownOperationException" || (name === "ValidationException" && /already enabled/.test(message));

function toCreateTable(TableName: string, table: TableDefinition): CreateTableCommandInput {
  const indexes = [...table.globalIndexes, ...table.localIndexes];
  const keys = [table, ...indexes].flatMap(keysOf);
  return {
    TableName,
    BillingMode: "PAY_PER_REQUEST",
    KeySchema: keySchema(table),
    AttributeDefinitions: [...new Map(keys.map(({ name, type }) => [name, type]))].map(
      ([AttributeName, AttributeType]) => ({ AttributeName, AttributeType }),
    ),
    ...(table.globalIndexes.length > 0 && { GlobalSecondaryIndexes: table.globalIndexes.map(toIndex) }),
    ...(table.localIndexes.length > 0 && { LocalSecondaryIndexes: table.localIndexes.map(toIndex) }),
    ...(table.stream && {
      StreamSpecification: { StreamEnabled: true, StreamViewType: "NEW_AND_OLD_IMAGES" },
    }),
  };
}

type Keyed = { readonly partitionKey: Key; readonly sortKey?: Key };

const keysOf = ({ partitionKey, sortKey }: Keyed): Key[] =>
  sortKey ? [partitionKey, sortKey] : [partitionKey];

const keySchema = (keyed: Keyed) =>
  keysOf(keyed).map(({ name }, at) => ({
    AttributeName: name,
    KeyType: at === 0 ? ("HASH" as const) : ("RANGE" as const),
  }));

const toIndex = (index: IndexDefinition) => ({
  IndexName: index.name,
  KeySchema: keySchema(index),
  Projection: { ProjectionType: "ALL" as const },
});
