import { createHash, randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import { GetObjectCommand, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, test } from "vitest";
import { createS3Client } from "../../../../core/aws/clients.ts";
import { hmac, scopeText, sha256Hex, signingKey } from "../../../../infra/local/signatures/canonical.ts";
import { bucket, credentials, getBytes, putBytes, send, signedHeaders, startTestEngine } from "./harness.ts";

const codeOf = (body: Buffer): string => /<Code>(\w+)<\/Code>/.exec(String(body))?.[1] ?? "";

describe("a stranger", () => {
  test("is refused without a signature, with another key, and with another secret", async () => {
    const { client, endpoint } = await startTestEngine();
    await putBytes(client, "a", 10);
    const { status, body } = await send(`${endpoint}/${bucket}/a`, { unsigned: true });
    expect([status, codeOf(body)]).toEqual([403, "AccessDenied"]);
    const region = "eu-central-1";
    const others: [typeof credentials, string][] = [
      [{ accessKeyId: "local", secretAccessKey: "local-secret" }, "InvalidAccessKeyId"],
      [{ ...credentials, secretAccessKey: "local-secret" }, "SignatureDoesNotMatch"],
    ];
    for (const [other, name] of others) {
      const stranger = createS3Client({ endpoint, region, credentials: other, maxAttempts: 1 });
      await expect(getBytes(stranger, "a")).rejects.toMatchObject({ name });
      const url = await getSignedUrl(stranger, new GetObjectCommand({ Bucket: bucket, Key: "a" }));
      expect(codeOf((await send(url)).body)).toBe(name);
      stranger.destroy();
    }
  });

  test("is refused as a page of a browser, by its Origin and by a Host whose name was bound to this machine", async () => {
    const { client, endpoint } = await startTestEngine();
    await putBytes(client, "a", 10);
    const url = `${endpoint}/${bucket}/a`;
    const presigned = await getSignedUrl(client, new GetObjectCommand({ Bucket: bucket, Key: "a" }));
    for (const origin of ["https://example.com", "http://127.0.0.1:8080", "null"])
      for (const answer of [
        await send(url, { headers: { origin } }),
        await send(presigned, { headers: { origin } }),
        await send(url, { method: "OPTIONS", headers: { origin, "access-control-request-method": "PUT" } }),
      ]) {
        expect([answer.status, codeOf(answer.body)]).toEqual([403, "AccessDenied"]);
        expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
      }
    const foreign = { ...signedHeaders(url.replace("127.0.0.1", "rebound.example"), "GET") };
    const answer = await send(url, { headers: { ...foreign, host: "rebound.example" }, unsigned: true });
    expect([answer.status, codeOf(answer.body)]).toEqual([403, "AccessDenied"]);
  });
});

describe("a body", () => {
  const put = (endpoint: string, headers: Record<string, string>, body: Buffer) =>
    send(`${endpoint}/${bucket}/a`, { method: "PUT", headers, body });

  test("that is not the one that was signed is refused, and nothing is stored", async () => {
    const { client, endpoint } = await startTestEngine();
    const body = Buffer.from("hello");
    const signed = { "x-amz-content-sha256": sha256Hex(body) };
    const refused = await put(endpoint, signed, Buffer.from("jello"));
    expect([refused.status, codeOf(refused.body)]).toEqual([400, "XAmzContentSHA256Mismatch"]);
    await expect(getBytes(client, "a")).rejects.toMatchObject({ name: "NoSuchKey" });
    expect((await put(endpoint, signed, body)).status).toBe(200);
  });

  test("is checked against every kind of checksum that the SDK sends", async () => {
    const { endpoint } = await startTestEngine();
    const body = Buffer.from("hello");
    const right = {
      "content-md5": createHash("md5").update(body).digest("base64"),
      "x-amz-checksum-crc32": "NhCmhg==",
      "x-amz-checksum-sha1": createHash("sha1").update(body).digest("base64"),
      "x-amz-checksum-sha256": createHash("sha256").update(body).digest("base64"),
    };
    for (const [name, value] of Object.entries(right)) {
      expect((await put(endpoint, { [name]: value }, body)).status, name).toBe(200);
      const wrong = await put(endpoint, { [name]: value }, Buffer.from("jello"));
      expect([wrong.status, codeOf(wrong.body)], name).toEqual([400, "BadDigest"]);
    }
    const unknown = await put(endpoint, { "x-amz-checksum-crc32c": "AAAAAA==" }, body);
    expect([unknown.status, codeOf(unknown.body)]).toEqual([501, "NotImplemented"]);
  });

  test("of a client with the SDK's own settings comes in, as bytes and as a stream", async () => {
    const { endpoint, client } = await startTestEngine();
    const sdk = createS3Client({
      endpoint,
      region: "eu-central-1",
      credentials,
      requestChecksumCalculation: "WHEN_SUPPORTED",
      responseChecksumValidation: "WHEN_SUPPORTED",
      maxAttempts: 1,
    });
    const bytes = randomBytes(300_000);
    await sdk.send(new PutObjectCommand({ Bucket: bucket, Key: "bytes & +/ü", Body: bytes }));
    await sdk.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key: "stream",
        Body: Readable.from([bytes]),
        ContentLength: bytes.length,
      }),
    );
    for (const key of ["bytes & +/ü", "stream"])
      for (const reader of [sdk, client] satisfies S3Client[])
        expect((await getBytes(reader, key)).equals(bytes)).toBe(true);
    sdk.destroy();
  });

  test("in signed chunks is checked chunk by chunk", async () => {
    const { client, endpoint } = await startTestEngine();
    const url = `${endpoint}/${bucket}/a`;
    const kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    const headers = signedHeaders(url, "PUT", {
      "x-amz-content-sha256": kind,
      "content-encoding": "aws-chunked",
      "x-amz-decoded-content-length": "11",
    });
    const amzDate = headers["x-amz-date"] ?? "";
    const scope = { date: amzDate.slice(0, 8), region: "eu-central-1", service: "s3" };
    const key = signingKey(credentials.secretAccessKey, scope);
    let previous = headers.authorization?.slice(-64) ?? "";
    const frame = (text: string, shown = text) => {
      const lines = [
        "AWS4-HMAC-SHA256-PAYLOAD",
        amzDate,
        scopeText(scope),
        previous,
        sha256Hex(""),
        sha256Hex(text),
      ];
      previous = hmac(key, lines.join("\n")).toString("hex");
      return `${text.length.toString(16)};chunk-signature=${previous}\r\n${shown}\r\n`;
    };
    const frames = [frame("hello "), frame("world"), frame("")];
    const sendFrames = (body: string) =>
      send(url, { method: "PUT", headers, body: Buffer.from(body), unsigned: true });
    const tampered = await sendFrames(frames.join("").replace("world", "earth"));
    expect([tampered.status, codeOf(tampered.body)]).toEqual([403, "SignatureDoesNotMatch"]);
    const cut = await sendFrames(`${frames[0]}${frames[2]}`);
    expect([cut.status, codeOf(cut.body)]).toEqual([403, "SignatureDoesNotMatch"]);
    expect((await sendFrames(frames.join(""))).status).toBe(200);
    expect(String(await getBytes(client, "a"))).toBe("hello world");
  });
});
