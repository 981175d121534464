import type { ServerResponse } from "node:http";
import { readDocument, receiveBody } from "./body.ts";
import { S3Error } from "./errors.ts";
import { assertWritable } from "./preconditions.ts";
import { objectHeaders, type S3Request, sendEmpty, sendXml } from "./request.ts";
import type { BucketStores } from "./stores.ts";
import type { Part, UploadFiles } from "./upload-store.ts";
import { contentsOf, element, leaf, textOf, xmlDocument } from "./xml.ts";

/** S3's limits ("Amazon S3 multipart upload limits"): only the last part may be smaller. */
const minPartBytes = 5 * 1024 * 1024;
const maxPartNumber = 10_000;

export async function createUpload(
  { objects, uploads }: BucketStores,
  request: S3Request,
  response: ServerResponse,
) {
  const { bucket, key } = request;
  await objects.assertBucket(bucket);
  const uploadId = await uploads.create({ bucket, key, headers: objectHeaders(request) });
  const children = [leaf("Bucket", bucket), leaf("Key", key), leaf("UploadId", uploadId)];
  sendXml(response, 200, xmlDocument("InitiateMultipartUploadResult", ...children));
}

export async function uploadPart(
  { objects, uploads, receiver }: BucketStores,
  request: S3Request,
  response: ServerResponse,
) {
  const uploadId = await findUpload(uploads, request);
  const number = Number(request.query.get("partNumber"));
  if (!Number.isInteger(number) || number < 1 || number > maxPartNumber)
    throw new S3Error("InvalidArgument", `Part number must be an integer between 1 and ${maxPartNumber}`);
  const content = await receiveBody(receiver, request, objects.incoming());
  await uploads.putPart(uploadId, number, content);
  sendEmpty(response, 200, { etag: content.etag });
}

export async function listParts({ uploads }: BucketStores, request: S3Request, response: ServerResponse) {
  const uploadId = await findUpload(uploads, request);
  const limit = Math.min(Number(request.query.get("max-parts") ?? 1000), 1000);
  const marker = Number(request.query.get("part-number-marker") ?? 0);
  const left = (await uploads.parts(uploadId)).filter(({ number }) => number > marker);
  const shown = left.slice(0, limit);
  const children = [
    leaf("Bucket", request.bucket),
    leaf("Key", request.key),
    leaf("UploadId", uploadId),
    leaf("PartNumberMarker", marker),
    leaf("NextPartNumberMarker", shown.at(-1)?.number ?? marker),
    leaf("MaxParts", limit),
    leaf("IsTruncated", left.length > shown.length),
  ];
  sendXml(response, 200, xmlDocument("ListPartsResult", ...children, ...shown.map(partXml)));
}

const partXml = ({ number, etag, size, lastModified }: Part): string =>
  element(
    "Part",
    leaf("PartNumber", number),
    leaf("LastModified", lastModified),
    leaf("ETag", etag),
    leaf("Size", size),
  );

export async function completeMultipartUpload(
  { objects, uploads, receiver }: BucketStores,
  request: S3Request,
  response: ServerResponse,
) {
  const { bucket, key, message } = request;
  const uploadId = await findUpload(uploads, request);
  const { headers } = await uploads.find(uploadId, bucket, key);
  const parts = chooseParts(await uploads.parts(uploadId), await readDocument(receiver, request));
  const content = await uploads.join(uploadId, parts, objects.incoming());
  const { etag } = await objects.put(bucket, key, content, headers, (existing) =>
    assertWritable(existing, message.headers),
  );
  // The object is there whatever becomes of its parts; what stays is swept.
  await uploads.delete(uploadId).catch(() => {});
  const children = [leaf("Bucket", bucket), leaf("Key", key), leaf("ETag", etag)];
  sendXml(response, 200, xmlDocument("CompleteMultipartUploadResult", ...children));
}

/** @throws S3Error InvalidPart, InvalidPartOrder, EntityTooSmall, MalformedXML */
function chooseParts(present: readonly Part[], xml: string): Part[] {
  const chosen = contentsOf(xml, "Part").map((part) => choosePart(present, part));
  if (chosen.length === 0) throw new S3Error("MalformedXML", "You must specify at least one part");
  if (chosen.some(({ number }, at) => number <= (chosen[at - 1]?.number ?? 0)))
    throw new S3Error("InvalidPartOrder", "The list of parts was not in ascending order.");
  if (chosen.slice(0, -1).some(({ size }) => size < minPartBytes))
    throw new S3Error("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  return chosen;
}

function choosePart(present: readonly Part[], xml: string): Part {
  const number = Number(textOf(xml, "PartNumber"));
  const etag = textOf(xml, "ETag")?.replaceAll('"', "");
  const part = present.find((candidate) => candidate.number === number && candidate.etag === `"${etag}"`);
  if (!part) throw new S3Error("InvalidPart", "One or more of the specified parts could not be found.");
  return part;
}

export async function abortMultipartUpload(
  { uploads }: BucketStores,
  request: S3Request,
  response: ServerResponse,
) {
  await uploads.delete(await findUpload(uploads, request));
  sendEmpty(response, 204);
}

async function findUpload(uploads: UploadFiles, { bucket, key, query }: S3Request): Promise<string> {
  const uploadId = query.get("uploadId") ?? "";
  await uploads.find(uploadId, bucket, key);
  return uploadId;
}
