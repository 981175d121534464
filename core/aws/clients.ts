import { DynamoDBClient, type DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import { DynamoDBDocumentClient } from "@aws-sdk/lib-dynamodb";
import { physicalTableName, type TableName } from "./tables.ts";

/** DynamoDB with plain JavaScript values, and the physical name of each table. */
export type Database = {
  readonly client: DynamoDBDocumentClient;
  table(name: TableName): string;
};

/** DynamoDB answers within milliseconds; a silent connection must not hold up whoever waits (milliseconds). */
const timeouts = { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true };

/** Undefined fields are left out of a row, so that optional fields need no special care. */
export function createDatabase(tablePrefix: string, config: DynamoDBClientConfig = {}): Database {
  const client = DynamoDBDocumentClient.from(new DynamoDBClient({ requestHandler: timeouts, ...config }), {
    marshallOptions: { removeUndefinedValues: true },
  });
  return { client, table: (name) => physicalTableName(tablePrefix, name) };
}

/** Path-style addresses work on every engine and on S3 itself; checksums only where an operation needs them. */
export const createS3Client = (config: S3ClientConfig = {}): S3Client =>
  new S3Client({
    forcePathStyle: true,
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    ...config,
  });
