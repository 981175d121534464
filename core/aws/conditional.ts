import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";

/** What a conditional write answers, or undefined where its condition did not hold. */
export const unlessRefused = <T>(write: Promise<T>): Promise<T | undefined> =>
  write.catch((error: unknown) => {
    if (error instanceof ConditionalCheckFailedException) return undefined;
    throw error;
  });
