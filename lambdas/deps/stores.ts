import { createDatabase, createS3Client, type Database } from "../../core/aws/clients.ts";
import { dynamoDbConfig, readAwsConfig, s3Config } from "../../core/aws/config.ts";
import type { Environment } from "../../core/domain/ports.ts";

/** The tables that the environment names. */
export const databaseFor = (env: Environment): Database =>
  createDatabase(readAwsConfig(env).tablePrefix, dynamoDbConfig(env));

/** The bucket that the environment names, and a client for it. */
export const storageFor = (env: Environment) => ({
  s3: createS3Client(s3Config(env)),
  bucket: readAwsConfig(env).bucket,
});
