import { DomainError } from "../domain/errors.ts";

/** Answers of DynamoDB and S3 to which the same request may succeed a little later, if not at once. */
const passing = new Set([429, 502, 503, 504, 507]);
/** Refusals of a rate, whatever their status (Error handling with DynamoDB; S3 best practices). */
const throttling = new Set([
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "SlowDown",
  "ThrottlingException",
  "TransactionInProgressException",
]);
/** Of connections that were not made or broke off. */
const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "EAI_AGAIN",
]);
const retryAfterSeconds = 5;

/** What the SDK's errors carry once its own tries are used up. */
type SdkError = Error & {
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
};

/**
 * The refusal for an error of the SDK that tells of a store which is full, throttled or out of reach just now;
 * undefined for any other error.
 */
export function asUnavailable(error: unknown): DomainError | undefined {
  if (!(error instanceof Error) || !("$metadata" in error)) return undefined;
  const { name, code = "", $metadata } = error as SdkError;
  const mayPass =
    passing.has($metadata?.httpStatusCode ?? 0) ||
    throttling.has(name) ||
    unreachable.has(code) ||
    name === "TimeoutError";
  if (!mayPass) return undefined;
  const detail = "What Encore keeps its data in does not take this just now; try again in a few seconds";
  return new DomainError("unavailable", detail, { retryAfterSeconds });
}
