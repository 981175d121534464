import { randomBytes } from "node:crypto";
import { type IncomingHttpHeaders, request } from "node:http";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { onTestFinished } from "vitest";
import { ensureBucket } from "../../../../infra/local/s3/create-bucket.ts";
import { type S3Options, startS3 } from "../../../../infra/local/s3/engine.ts";
import {
  algorithm,
  canonicalRequest,
  hmac,
  scopeText,
  signingKey,
  stringToSign,
} from "../../../../infra/local/signatures/canonical.ts";
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
  await ensureBucket(client, bucket);
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

/** A request as another tool would send it, without the SDK: signed, unless its URL is or nobody signs it. */
export function send(
  url: string,
  {
    method = "GET",
    headers = {},
    body,
    unsigned = url.includes("X-Amz-Signature"),
  }: { method?: string; headers?: Record<string, string>; body?: Buffer; unsigned?: boolean } = {},
): Promise<Answer> {
  const sent = unsigned ? headers : signedHeaders(url, method, headers);
  return new Promise((resolve, reject) => {
    const outgoing = request(url, { method, headers: sent }, async (response) => {
      const chunks: Buffer[] = await response.toArray();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) });
    });
    outgoing.on("error", reject).end(body);
  });
}

/** The headers with a signature of them; the body is not signed. */
export function signedHeaders(
  url: string,
  method: string,
  headers: Readonly<Record<string, string>> = {},
  now = new Date(),
): Record<string, string> {
  const { host } = new URL(url);
  const amzDate = now.toISOString().replace(/[-:]|\.\d+/g, "");
  const payloadHash = headers["x-amz-content-sha256"] ?? "UNSIGNED-PAYLOAD";
  const sent = { ...headers, "x-amz-content-sha256": payloadHash, "x-amz-date": amzDate };
  const names = ["host", ...Object.keys(sent).filter((name) => name.startsWith("x-amz-"))].sort();
  const scope = { date: amzDate.slice(0, 8), region: "eu-central-1", service: "s3" };
  const target = url.slice(url.indexOf(host) + host.length);
  const canonical = canonicalRequest({
    method,
    url: target,
    headers: sent,
    host,
    signedHeaders: names,
    payloadHash,
  });
  const key = signingKey(credentials.secretAccessKey, scope);
  const signature = hmac(key, stringToSign(amzDate, scope, canonical)).toString("hex");
  const credential = `${credentials.accessKeyId}/${scopeText(scope)}`;
  const authorization = `${algorithm} Credential=${credential}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...sent, authorization };
}
