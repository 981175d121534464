import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
  type S3ClientConfig,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { DomainError } from "../domain/errors.ts";
import type { ObjectStore, PutObject, ReadRequest } from "../domain/streaming/ports.ts";

type Bucket = { readonly client: S3Client; readonly bucket: string };

/**
 * How a node that streams talks to S3: connections are kept and there are enough of them for every listener to miss
 * the cache at once. The reader retries from where a body broke, so the SDK's own tries, which know only how to begin
 * again, are few.
 */
export const streamingClientConfig: S3ClientConfig = {
  maxAttempts: 2,
  requestHandler: {
    connectionTimeout: 2_000,
    socketAcquisitionWarningTimeout: 10_000,
    httpAgent: { keepAlive: true, maxSockets: 512 },
    httpsAgent: { keepAlive: true, maxSockets: 512 },
  },
};

/** The objects of one bucket. Errors are as the port says; what the SDK throws does not get out. */
export const createObjectStore = (bucket: Bucket): ObjectStore => ({
  read: (request) => read(bucket, request),
  head: (key) => head(bucket, key),
  put: (object) => put(bucket, object),
  delete: (key) => remove(bucket, key),
});

async function read({ client, bucket }: Bucket, request: ReadRequest) {
  const { key, etag, start, end, signal } = request;
  const command = new GetObjectCommand({
    Bucket: bucket,
    Key: key,
    IfMatch: etag,
    Range: `bytes=${start}-${end}`,
  });
  const answer = await client.send(command, { abortSignal: signal }).catch(toDomainError);
  const body = answer.Body as AsyncIterable<Uint8Array> & { destroy(): void };
  const refusal = refuse(answer, request);
  if (refusal === undefined) return body;
  // An unread body would keep its connection out of the pool for good.
  body.destroy();
  throw refusal;
}

/** Not every engine that speaks S3 heeds every header, so the answer is held against the question. */
function refuse(
  answer: { ETag?: string | undefined; ContentRange?: string | undefined },
  { etag, start, end, signal }: ReadRequest,
): Error | undefined {
  if (signal.aborted) return new DomainError("unavailable", "The reader has left");
  if (answer.ETag !== etag) return new DomainError("precondition-failed");
  if (!answer.ContentRange?.startsWith(`bytes ${start}-${end}/`))
    return new DomainError("unavailable", "The store answered with other bytes than were asked for");
  return undefined;
}

async function head({ client, bucket }: Bucket, key: string) {
  try {
    const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return {
      key,
      etag: found.ETag ?? "",
      sizeBytes: found.ContentLength ?? 0,
      contentType: found.ContentType ?? "application/octet-stream",
      modifiedAt: (found.LastModified ?? new Date(0)).toISOString(),
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    return toDomainError(error);
  }
}

async function put({ client, bucket }: Bucket, { key, body, contentType, cacheControl }: PutObject) {
  const command = new PutObjectCommand({
    Bucket: bucket,
    Key: key,
    Body: body,
    ContentType: contentType,
    CacheControl: cacheControl,
  });
  const { ETag } = await client.send(command).catch(toDomainError);
  return { etag: ETag ?? "" };
}

async function remove({ client, bucket }: Bucket, key: string): Promise<void> {
  await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key })).catch((error) => {
    if (statusOf(error) !== 404) toDomainError(error);
  });
}

const statusOf = (error: unknown): number | undefined =>
  error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;

function toDomainError(error: unknown): never {
  const status = statusOf(error);
  if (status === 404) throw new DomainError("not-found");
  // 416: the object has become shorter than it was, so it is another version too.
  if (status === 412 || status === 416) throw new DomainError("precondition-failed");
  throw Object.assign(new DomainError("unavailable"), { cause: error });
}
