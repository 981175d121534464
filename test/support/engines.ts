import { randomUUID } from "node:crypto";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { createS3Client } from "../../core/aws/clients.ts";
import { createTables } from "../../infra/local/dynamodb/create-tables.ts";
import { startDynamoDb } from "../../infra/local/dynamodb/engine.ts";
import { createPolledStreams } from "../../infra/local/dynamodb/poll-streams.ts";
import type { Streams } from "../../infra/local/dynamodb/streams.ts";
import { ensureBucket } from "../../infra/local/s3/create-bucket.ts";
import { startS3 } from "../../infra/local/s3/engine.ts";
import { testCredentials } from "./engine-credentials.ts";

type Identity = {
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

export type TestAws = Identity & {
  readonly dynamodbEndpoint: string;
  readonly s3Endpoint: string;
  readonly tablePrefix: string;
  readonly bucket: string;
  readonly streams: Streams;
  close(): Promise<void>;
};

/** How processes and functions are told of them. */
export const environmentOf = (aws: TestAws) => ({
  AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
  AWS_ENDPOINT_URL_S3: aws.s3Endpoint,
  AWS_REGION: aws.region,
  AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
  TABLE_PREFIX: aws.tablePrefix,
  MUSIC_BUCKET: aws.bucket,
});

export type TestAwsOptions = {
  /** Where the embedded DynamoDB keeps its data; in memory when absent, with every stream record of a day. */
  readonly dataDir?: string;
};

type Engine = { readonly endpoint: string; close(): Promise<void> };

/**
 * DynamoDB with every table and S3 with a bucket, in memory and a temporary folder; or the engines that
 * `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_S3` name, with a table prefix and a bucket of this call's own.
 */
export async function startTestAws(options: TestAwsOptions = {}): Promise<TestAws> {
  const id = randomUUID().slice(0, 8);
  const region = process.env.AWS_REGION ?? "eu-central-1";
  const credentials = testCredentials;
  const [dynamodb, s3] = await Promise.all([
    startTestDynamoDb({ region, credentials }, options),
    startTestS3(credentials),
  ]);
  const aws = {
    dynamodbEndpoint: dynamodb.endpoint,
    s3Endpoint: s3.endpoint,
    tablePrefix: `test-${id}-`,
    bucket: `test-${id}`,
    region,
    credentials,
    streams: dynamodb.streams,
    close: async () => {
      await Promise.all([dynamodb.close(), s3.close()]);
    },
  };
  await prepare(aws);
  return aws;
}

async function prepare({ dynamodbEndpoint, s3Endpoint, tablePrefix, bucket, region, credentials }: TestAws) {
  const dynamodb = new DynamoDBClient({ endpoint: dynamodbEndpoint, region, credentials });
  const s3 = createS3Client({ endpoint: s3Endpoint, region, credentials });
  await Promise.all([createTables(dynamodb, tablePrefix), ensureBucket(s3, bucket)]);
  dynamodb.destroy();
  s3.destroy();
}

async function startTestDynamoDb(
  identity: Identity,
  options: TestAwsOptions,
): Promise<Engine & { readonly streams: Streams }> {
  const endpoint = process.env.AWS_ENDPOINT_URL_DYNAMODB;
  if (!endpoint) return startDynamoDb({ credentials: identity.credentials, ...options });
  const streams = createPolledStreams(new DynamoDBStreamsClient({ endpoint, ...identity }));
  return { endpoint, streams, close: streams.stop };
}

async function startTestS3(credentials: Identity["credentials"]): Promise<Engine> {
  const endpoint = process.env.AWS_ENDPOINT_URL_S3;
  return endpoint ? { endpoint, close: async () => {} } : startS3({ credentials });
}
