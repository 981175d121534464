import { createHash } from "node:crypto";
import { request } from "node:http";
import { crc32 } from "node:zlib";
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { describe, expect, test } from "vitest";
import { ensureBucket } from "../../../../infra/local/s3/create-bucket.ts";
import { bucket, getBytes, putBytes, send, signedHeaders, startTestEngine } from "./harness.ts";

describe("an object", () => {
  test("comes back whole, with what was put beside it", async () => {
    const { client } = await startTestEngine();
    const Key = "songs/a b/ü&<é>.mp3";
    const Body = Buffer.from("some bytes");
    await client.send(
      new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body,
        ContentType: "audio/mpeg",
        CacheControl: "no-store",
        Metadata: { title: "x" },
      }),
    );
    expect(await getBytes(client, Key)).toEqual(Body);
    expect(await client.send(new HeadObjectCommand({ Bucket: bucket, Key }))).toMatchObject({
      ContentLength: Body.length,
      ContentType: "audio/mpeg",
      CacheControl: "no-store",
      Metadata: { title: "x" },
      AcceptRanges: "bytes",
      LastModified: expect.any(Date),
      // S3's, for a plain upload.
      ETag: `"${createHash("md5").update(Body).digest("hex")}"`,
    });
  });

  test("may be empty", async () => {
    const { client } = await startTestEngine();
    await putBytes(client, "empty", 0);
    expect(await getBytes(client, "empty")).toHaveLength(0);
    await expect(getBytes(client, "empty", "bytes=0-0")).rejects.toMatchObject({ name: "InvalidRange" });
  });

  test("is gone when deleted, and deleting it again is no error", async () => {
    const { client } = await startTestEngine();
    await putBytes(client, "a", 10);
    for (let n = 0; n < 2; n++) await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    await expect(getBytes(client, "a")).rejects.toMatchObject({ name: "NoSuchKey" });
    await expect(client.send(new HeadObjectCommand({ Bucket: bucket, Key: "a" }))).rejects.toMatchObject({
      name: "NotFound",
    });
  });

  test("is refused when its bytes are not those of the digest it names", async () => {
    const { client } = await startTestEngine();
    const put = (ChecksumSHA256: string) =>
      client.send(new PutObjectCommand({ Bucket: bucket, Key: "a", Body: "hello", ChecksumSHA256 }));
    await expect(put("AAAA")).rejects.toMatchObject({ name: "BadDigest" });
    await expect(getBytes(client, "a")).rejects.toMatchObject({ name: "NoSuchKey" });
    await put("LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=");
    expect(await getBytes(client, "a")).toEqual(Buffer.from("hello"));
  });

  test("is not replaced by an upload that breaks off", async () => {
    const { client, endpoint } = await startTestEngine();
    const { bytes } = await putBytes(client, "a", 1000);
    const url = `${endpoint}/${bucket}/a`;
    const headers = { ...signedHeaders(url, "PUT"), "content-length": "2000" };
    await new Promise<void>((resolve) => {
      const broken = request(url, { method: "PUT", headers });
      broken.on("error", () => resolve()).on("close", () => resolve());
      broken.write(Buffer.alloc(1000), () => broken.destroy());
    });
    expect(await getBytes(client, "a")).toEqual(bytes);
  });
});

describe("writes on condition", () => {
  const put = (Body: string, condition: { IfMatch?: string; IfNoneMatch?: string }) =>
    new PutObjectCommand({ Bucket: bucket, Key: "index", Body, ...condition });

  test("of several that create, one does", async () => {
    const { client } = await startTestEngine();
    const puts = ["a", "b", "c", "d"].map((body) => client.send(put(body, { IfNoneMatch: "*" })));
    const outcomes = await Promise.allSettled(puts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  test("of several that replace one version, one does", async () => {
    const { client } = await startTestEngine();
    const { etag } = await putBytes(client, "index", 5);
    const puts = ["a", "b", "c", "d"].map((body) => client.send(put(body, { IfMatch: etag })));
    const outcomes = await Promise.allSettled(puts);
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    await expect(client.send(put("e", { IfMatch: etag }))).rejects.toMatchObject({
      name: "PreconditionFailed",
    });
  });
});

describe("a bucket", () => {
  test("is made once, and asked for as often as one likes", async () => {
    const { client } = await startTestEngine();
    await ensureBucket(client, bucket);
    await expect(client.send(new CreateBucketCommand({ Bucket: bucket }))).rejects.toMatchObject({
      name: "BucketAlreadyOwnedByYou",
    });
    await client.send(new HeadBucketCommand({ Bucket: bucket }));
    await expect(client.send(new HeadBucketCommand({ Bucket: "other" }))).rejects.toMatchObject({
      name: "NotFound",
    });
    await expect(client.send(new GetObjectCommand({ Bucket: "other", Key: "a" }))).rejects.toMatchObject({
      name: "NoSuchBucket",
    });
  });

  test("is deleted only when empty", async () => {
    const { client } = await startTestEngine();
    await putBytes(client, "a", 1);
    const deletion = () => client.send(new DeleteBucketCommand({ Bucket: bucket }));
    await expect(deletion()).rejects.toMatchObject({ name: "BucketNotEmpty" });
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: "a" }));
    await deletion();
    await expect(client.send(new HeadBucketCommand({ Bucket: bucket }))).rejects.toThrow();
  });

  test("lists by prefix, delimiter and page, in the order of the keys' bytes", async () => {
    const { client } = await startTestEngine();
    const keys = ["a", "covers/1", "covers/2", "songs/x&y", "songs/z", "\u{ff5e}", "\u{1f3b5}"];
    for (const key of keys.toReversed()) await putBytes(client, key, 1);

    const all: string[] = [];
    let token: string | undefined;
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, MaxKeys: 2, ...(token && { ContinuationToken: token }) }),
      );
      expect(page.KeyCount).toBeLessThanOrEqual(2);
      all.push(...(page.Contents ?? []).map(({ Key = "" }) => Key));
      token = page.NextContinuationToken;
    } while (token);
    expect(all).toEqual(keys);

    const folders = await client.send(new ListObjectsV2Command({ Bucket: bucket, Delimiter: "/" }));
    expect(folders.CommonPrefixes).toEqual([{ Prefix: "covers/" }, { Prefix: "songs/" }]);
    const songs = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "songs/" }));
    expect(songs.Contents?.map(({ Key }) => Key)).toEqual(["songs/x&y", "songs/z"]);
  });

  test("loses many objects in one request", async () => {
    const { client } = await startTestEngine();
    const keys = ["a", "b&c", "d"];
    for (const key of keys) await putBytes(client, key, 1);
    const { Deleted } = await client.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Objects: keys.slice(0, 2).map((Key) => ({ Key })) },
      }),
    );
    expect(Deleted?.map(({ Key }) => Key)).toEqual(["a", "b&c"]);
    const { Contents } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
    expect(Contents?.map(({ Key }) => Key)).toEqual(["d"]);
  });
});

test("a body in aws-chunked framing is stored without it, however it is cut", async () => {
  const { client, endpoint } = await startTestEngine();
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(crc32("hello\r\nworld"));
  const framed = Buffer.from(
    `5;chunk-signature=00\r\nhello\r\n7\r\n\r\nworld\r\n0\r\nx-amz-checksum-crc32:${crc.toString("base64")}\r\n\r\n`,
  );
  const headers = {
    "content-encoding": "gzip, aws-chunked",
    "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "x-amz-trailer": "x-amz-checksum-crc32",
  };
  const { status } = await send(`${endpoint}/${bucket}/a`, { method: "PUT", headers, body: framed });
  expect(status).toBe(200);
  expect(await getBytes(client, "a")).toEqual(Buffer.from("hello\r\nworld"));
  const { ContentEncoding } = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: "a" }));
  expect(ContentEncoding).toBe("gzip");

  const cut = await send(`${endpoint}/${bucket}/b`, { method: "PUT", headers, body: framed.subarray(0, 24) });
  expect(cut.status).toBe(400);
  expect(String(cut.body)).toContain("IncompleteBody");
});

test("what the engine lacks it refuses, instead of taking it for something else", async () => {
  const { client, endpoint } = await startTestEngine();
  const { bytes } = await putBytes(client, "a", 100);
  for (const query of ["tagging", "acl", "partNumber=1"]) {
    const { status } = await send(`${endpoint}/${bucket}/a?${query}`, {
      method: query === "tagging" ? "PUT" : "GET",
    });
    expect(status).toBe(501);
  }
  const copy = { "x-amz-copy-source": `/${bucket}/a` };
  expect((await send(`${endpoint}/${bucket}/b`, { method: "PUT", headers: copy })).status).toBe(501);
  expect(await getBytes(client, "a")).toEqual(bytes);
});
