import { randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { createBucket } from "../../../../infra/local/s3/create-bucket.ts";
import { type S3Options, startS3 } from "../../../../infra/local/s3/engine.ts";
import { createTestClient, credentials } from "./client.ts";

export { createTestClient, credentials } from "./client.ts";

export const bucket = "music";
export const partBytes = 8 * 1024 * 1024;

/** An engine with a bucket and a client, closed when the test ends. */
export async function startTestEngine(dataDir?: string, options: Omit<S3Options, "credentials"> = {}) {
  const { endpoint, close } = await startS3({ credentials, ...(dataDir && { dataDir }), ...options });
  const client = createTestClient(endpoint);
  onTestFinished(async () => {
    client.destroy();
    await close();
  });
  await createBucket(client, bucket);
  return { endpoint, client };
}

export async function putBytes(client: S3Client, Key: string, size: number) {
  const bytes = randomBytes(size);
  const { ETag = "" } = await client.send(
    new PutObjectCommand({ Bucket: bucket, Key, Body: bytes, ContentType: "audio/mpeg" }),
  );
  return { bytes, etag: ETag };
}

export async function getBytes(client: S3Client, Key: string, Range?: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key, ...(Range && { Range }) }));
  return Buffer.from((await Body?.transformToByteArray()) ?? []);
}

type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer };

/** A request as a browser or another tool would send it, without the SDK. */
export function send(
  url: string,
  {
    method = "GET",
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: Buffer } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers }, async (response) => {
      const chunks: Buffer[] = await response.toArray();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
    outgoing.on("error", reject).end(body);
  });
}

/** Stands for a signature, which the embedded engine does not check. */
export const signed = {
  authorization: "AWS4-HMAC-SHA256 Credential=local/20260101/eu-central-1/s3/aws4_request",
};
