import { GetObjectCommand, HeadObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { ObjectSigner } from "../domain/shared/object-store.ts";

/** Presigned URLs of one bucket's objects (S3 User Guide, "Download and upload objects with presigned URLs"). */
export function createObjectSigner(client: S3Client, bucket: string, expiresInSeconds: number): ObjectSigner {
  const sign = (Key: string, method: "GET" | "HEAD"): Promise<string> => {
    const object = { Bucket: bucket, Key };
    const options = { expiresIn: expiresInSeconds };
    return method === "HEAD"
      ? getSignedUrl(client, new HeadObjectCommand(object), options)
      : getSignedUrl(client, new GetObjectCommand(object), options);
  };
  return {
    sign,
    origin: async () => new URL(await sign("any", "GET")).origin,
  };
}
