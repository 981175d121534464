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

export type Environment = Readonly<Record<string, string | undefined>>;

export const readAwsConfig = (env: Environment): AwsConfig => ({
  tablePrefix: env.TABLE_PREFIX ?? "encore-",
  bucket: env.MUSIC_BUCKET ?? "encore-music",
});

type ServiceConfig = {
  readonly endpoint?: string;
  readonly region?: string;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
};

/**
 * How to reach a service. In AWS nothing is said and the SDK finds region, role and endpoint itself; where an
 * endpoint is named (a laptop, a test), region and keys are taken from the same environment, so that several
 * environments can live in one process.
 */
function serviceConfig(env: Environment, endpoint: string | undefined): ServiceConfig {
  if (endpoint === undefined) return {};
  return {
    endpoint,
    region: env.AWS_REGION ?? "eu-central-1",
    credentials: {
      accessKeyId: env.AWS_ACCESS_KEY_ID ?? "local",
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY ?? "local-secret",
    },
  };
}

export const dynamoDbConfig = (env: Environment) => serviceConfig(env, env.AWS_ENDPOINT_URL_DYNAMODB);
export const s3Config = (env: Environment) => serviceConfig(env, env.AWS_ENDPOINT_URL_S3);
