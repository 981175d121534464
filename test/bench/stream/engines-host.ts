import type { Environment } from "../../../core/domain/ports.ts";
import { startTestAws } from "../../support/engines.ts";
import { serve } from "../support/rpc.ts";
import { usage } from "../support/usage.ts";

/** DynamoDB and S3: what is elsewhere in AWS. */
const aws = await startTestAws();

serve(
  {
    /** How every other process reaches them. */
    environment: () =>
      ({
        AWS_ENDPOINT_URL_DYNAMODB: aws.dynamodbEndpoint,
        AWS_ENDPOINT_URL_S3: aws.s3Endpoint,
        AWS_REGION: aws.region,
        AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
        TABLE_PREFIX: aws.tablePrefix,
        MUSIC_BUCKET: aws.bucket,
      }) satisfies Environment,
    ...usage,
  },
  aws.close,
);
