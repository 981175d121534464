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
