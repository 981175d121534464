import type { Environment } from "../domain/ports.ts";

/**
 * What every process that talks to AWS must be told. Endpoints and credentials are not here: the SDK reads its
 * own variables (`AWS_REGION`, `AWS_ENDPOINT_URL_DYNAMODB`, `AWS_ENDPOINT_URL_S3`, …; SDK reference guide,
 * "Service-specific endpoints").
 */
export type AwsConfig = {
  /** Goes before every table's name. */
  readonly tablePrefix: string;
  readonly bucket: string;
};

export const readAwsConfig = (env: Environment): AwsConfig => ({
  tablePrefix: env.TABLE_PREFIX ?? "encore-",
  bucket: env.MUSIC_BUCKET ?? "encore-music",
});

type Credentials = {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
};
type ServiceConfig = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: Credentials;
};

/**
 * How to reach a service. In AWS nothing is said and the SDK finds region, role and endpoint itself; where an
 * endpoint is named, region and keys are taken from the same environment if they are there, so that several
 * environments can live in one process.
 */
export function serviceConfig(env: Environment, endpoint: string | undefined): ServiceConfig {
  if (endpoint === undefined) return {};
  const credentials = credentialsOf(env);
  return {
    endpoint,
    ...(env.AWS_REGION !== undefined && { region: env.AWS_REGION }),
    ...(credentials && { credentials }),
  };
}

function credentialsOf(env: Environment): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const { AWS_SESSION_TOKEN: sessionToken } = env;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

export const dynamoDbConfig = (env: Environment) => serviceConfig(env, env.AWS_ENDPOINT_URL_DYNAMODB);
export const s3Config = (env: Environment) => serviceConfig(env, env.AWS_ENDPOINT_URL_S3);
