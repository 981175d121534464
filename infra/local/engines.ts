import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import { createS3Client } from "../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig, s3Config, serviceConfig } from "../../core/aws/config.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { jsonLog } from "../../lambdas/deps/json-log.ts";
import type { DataDir } from "./data-dir.ts";
import { createTables } from "./dynamodb/create-tables.ts";
import { type DynamoDbEngine, startDynamoDb } from "./dynamodb/engine.ts";
import { createPolledStreams } from "./dynamodb/poll-streams.ts";
import type { Streams } from "./dynamodb/streams.ts";
import { type EngineTimeouts, engineTimeouts, reachEngine } from "./reach-engine.ts";
import { ensureBucket } from "./s3/create-bucket.ts";
import { type S3Engine, startS3 } from "./s3/engine.ts";
import { type Credentials, createCredentials } from "./signatures/credentials.ts";

export type Engines = {
  /** The environment with both engines in it. */
  readonly env: Environment;
  readonly streams: Streams;
  /** The embedded S3's way in for parts of uploads; absent where another S3 is used. */
  readonly parts: S3Engine["parts"] | undefined;
  /** Whether both engines are this process's own. */
  readonly embedded: boolean;
  /** Why an embedded engine refuses writes just now; undefined while all are taken. */
  refusal(): string | undefined;
  /** The rows below the embedded tables (`DynamoDbEngine`); undefined for an engine of others. */
  readonly rows: DynamoDbEngine["rows"] | undefined;
  close(): Promise<void>;
};

type Engine = {
  readonly endpoint: string;
  /** Of an embedded engine. */
  refusal?(): string | undefined;
  close(): Promise<void>;
};

/**
 * DynamoDB and S3 with tables and bucket: those that `AWS_ENDPOINT_URL_DYNAMODB` and `AWS_ENDPOINT_URL_S3` name, or
 * embedded ones on 127.0.0.1 that keep their data in the folder.
 */
export async function startEngines(
  given: Environment,
  dataDir: DataDir,
  timeouts: EngineTimeouts = engineTimeouts,
): Promise<Engines> {
  const embedded = !given.AWS_ENDPOINT_URL_DYNAMODB && !given.AWS_ENDPOINT_URL_S3;
  const identified = withIdentity(given, embedded);
  const [dynamodb, s3] = await Promise.all([dynamoDbFor(identified, dataDir), s3For(identified, dataDir)]);
  const env = {
    ...identified,
    AWS_ENDPOINT_URL_DYNAMODB: dynamodb.endpoint,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
  };
  const close = async () => {
    await Promise.all([dynamodb.close(), s3.close()]);
  };
  try {
    await prepare(env, given, timeouts);
  } catch (error) {
    await close();
    throw error;
  }
  const refusal = () => dynamodb.refusal?.() ?? s3.refusal?.();
  return { env, streams: dynamodb.streams, parts: s3.parts, embedded, refusal, rows: dynamodb.rows, close };
}

/** An environment with region and keys, which the SDK asks for whatever the engine is. */
export const withIdentity = (given: Environment, embedded: boolean): Environment => ({
  AWS_REGION: "eu-central-1",
  ...given,
  ...keysFor(given, embedded),
});

/**
 * Keys of the environment are for engines that it names. Embedded ones get keys of this start that nobody else knows,
 * and nobody's keys for AWS.
 */
function keysFor(given: Environment, embedded: boolean) {
  const { accessKeyId, secretAccessKey } = embedded
    ? createCredentials()
    : {
        accessKeyId: given.AWS_ACCESS_KEY_ID ?? "local",
        secretAccessKey: given.AWS_SECRET_ACCESS_KEY ?? "local-secret",
      };
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(embedded && { AWS_SESSION_TOKEN: undefined }),
  };
}

const credentialsOf = (env: Environment): Credentials => ({
  accessKeyId: env.AWS_ACCESS_KEY_ID ?? "",
  secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "",
});

async function dynamoDbFor(
  env: Environment,
  dataDir: DataDir,
): Promise<Engine & { readonly streams: Streams; readonly rows?: DynamoDbEngine["rows"] }> {
  const endpoint = env.AWS_ENDPOINT_URL_DYNAMODB;
  if (!endpoint) return startDynamoDb({ dataDir: dataDir.dynamodb, credentials: credentialsOf(env) });
  const client = new DynamoDBStreamsClient(
    serviceConfig(env, env.AWS_ENDPOINT_URL_DYNAMODB_STREAMS ?? endpoint),
  );
  const streams = createPolledStreams(client);
  return { endpoint, streams, close: streams.stop };
}

async function s3For(env: Environment, dataDir: DataDir): Promise<Engine & Partial<Pick<S3Engine, "parts">>> {
  const endpoint = env.AWS_ENDPOINT_URL_S3;
  if (endpoint) return { endpoint, close: async () => {} };
  return startS3({ dataDir: dataDir.s3, credentials: credentialsOf(env), log: jsonLog });
}

/** The engines that are named get a time for each answer; embedded ones are as slow as this machine. */
async function prepare(env: Environment, given: Environment, timeouts: EngineTimeouts): Promise<void> {
  const { tablePrefix, bucket } = readAwsConfig(env);
  const { AWS_ENDPOINT_URL_DYNAMODB: otherTables, AWS_ENDPOINT_URL_S3: otherObjects } = given;
  const patient = { requestHandler: timeouts, maxAttempts: 2 };
  const dynamodb = new DynamoDBClient({ ...(otherTables && patient), ...dynamoDbConfig(env) });
  const s3 = createS3Client({ ...(otherObjects && patient), ...s3Config(env) });
  const { AWS_ENDPOINT_URL_DYNAMODB: tablesAt = "", AWS_ENDPOINT_URL_S3: objectsAt = "" } = env;
  try {
    await Promise.all([
      reachEngine("AWS_ENDPOINT_URL_DYNAMODB", tablesAt, createTables(dynamodb, tablePrefix)),
      reachEngine("AWS_ENDPOINT_URL_S3", objectsAt, ensureBucket(s3, bucket)),
    ]);
  } finally {
    dynamodb.destroy();
    s3.destroy();
  }
}
