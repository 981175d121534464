import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  ListPartsCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import type { MultipartStore } from "../domain/uploads/ports.ts";

/**
 * Multipart uploads into one bucket (S3 User Guide, "Uploading and copying objects using multipart upload").
 * @param partSigner signs the URLs of parts, where those who send them reach the bucket by another address
 */
export function createMultipartStore(
  client: S3Client,
  bucket: string,
  partSigner: S3Client = client,
): MultipartStore {
  const named = (key: string, multipartId: string) => ({ Bucket: bucket, Key: key, UploadId: multipartId });
  return {
    async begin(key, contentType) {
      const { UploadId } = await client.send(
        new CreateMultipartUploadCommand({ Bucket: bucket, Key: key, ContentType: contentType }),
      );
      if (UploadId === undefined) throw new Error("S3 began a multipart upload without an id");
      return UploadId;
    },

    async parts(key, multipartId) {
      const parts = new Map<number, string>();
      try {
        // Not by the SDK's paginator: it goes by the marker, which S3 names on the last page too.
        let marker: string | undefined;
        do {
          const page = await client.send(
            new ListPartsCommand({ ...named(key, multipartId), PartNumberMarker: marker }),
          );
          for (const { PartNumber = 0, ETag = "" } of page.Parts ?? []) parts.set(PartNumber, ETag);
          marker = page.IsTruncated ? page.NextPartNumberMarker : undefined;
        } while (marker !== undefined);
        return parts;
      } catch (error) {
        if (isGone(error)) return undefined;
        throw error;
      }
    },

    partUrl: ({ key, multipartId, partNumber: PartNumber, sizeBytes: ContentLength }, expiresIn) =>
      getSignedUrl(
        partSigner,
        new UploadPartCommand({ ...named(key, multipartId), PartNumber, ContentLength }),
        { expiresIn },
      ),

    async complete(key, multipartId, parts) {
      const Parts = [...parts].sort(([a], [b]) => a - b).map(([PartNumber, ETag]) => ({ PartNumber, ETag }));
      if (Parts.length === 0) return;
      await client.send(
        new CompleteMultipartUploadCommand({ ...named(key, multipartId), MultipartUpload: { Parts } }),
      );
    },

    async abort(key, multipartId) {
      await client.send(new AbortMultipartUploadCommand(named(key, multipartId))).catch((error: unknown) => {
        if (!isGone(error)) throw error;
      });
    },
  };
}

const isGone = (error: unknown): boolean =>
  error instanceof S3ServiceException && error.name === "NoSuchUpload";
