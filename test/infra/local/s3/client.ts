import type { S3Client } from "@aws-sdk/client-s3";
import { createS3Client } from "../../../../core/aws/clients.ts";
import { testCredentials as credentials } from "../../../support/engine-credentials.ts";

export { credentials };

export const createTestClient = (endpoint: string): S3Client =>
  createS3Client({ endpoint, region: "eu-central-1", credentials, maxAttempts: 1 });
