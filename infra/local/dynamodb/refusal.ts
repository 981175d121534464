/** What DynamoDB refuses a request with: an HTTP status and a body. */
export type Refusal = { readonly statusCode: number; readonly body: unknown };

/** An error that is answered as DynamoDB answers a request that cannot be right. */
export const refusal = (type: string, message: string): Error & Refusal =>
  Object.assign(new Error(message), {
    statusCode: 400,
    body: { __type: `com.amazonaws.dynamodb.v20120810#${type}`, message },
  });
