import {
  DeleteObjectCommand,
  HeadObjectCommand,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { DomainError } from "../domain/errors.ts";
import type { ObjectStore, PutObject } from "../domain/shared/object-store.ts";
import type { ObjectLister } from "../domain/uploads/ports.ts";
import { createObjectReader } from "./object-reader.ts";
import { createObjectSigner } from "./object-signer.ts";

type Bucket = { readonly client: S3Client; readonly bucket: string };

/** Long enough for a reader to use it for a while, even where the credentials' own end is near. */
const readableSeconds = 15 * 60;

/** The objects of one bucket. Errors are as the port says; what the SDK throws does not get out. */
export const createObjectStore = (bucket: Bucket): ObjectStore => ({
  ...createObjectReader(createObjectSigner(bucket.client, bucket.bucket, readableSeconds)),
  head: (key) => head(bucket, key),
  put: (object) => put(bucket, object),
  delete: (key) => remove(bucket, key),
});

/** Objects by the beginning of their keys, a page of up to 1,000 at a time (S3 API reference, ListObjectsV2). */
export const createObjectLister = ({ client, bucket }: Bucket): ObjectLister => ({
  async *list(prefix) {
    for await (const { Contents = [] } of paginateListObjectsV2(
      { client },
      { Bucket: bucket, Prefix: prefix },
    ))
      for (const { Key = "", LastModified = new Date() } of Contents)
        yield { key: Key, modifiedAt: LastModified.toISOString() };
  },
});

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
