import { randomBytes } from "node:crypto";
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListPartsCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, test } from "vitest";
import { bucket, getBytes, partBytes, send, startTestEngine } from "./harness.ts";

const Key = "uploads/song";

async function begin(client: S3Client): Promise<string> {
  const create = new CreateMultipartUploadCommand({ Bucket: bucket, Key, ContentType: "audio/flac" });
  const { UploadId = "" } = await client.send(create);
  return UploadId;
}

const putPart = (client: S3Client, UploadId: string, PartNumber: number, Body: Buffer) =>
  client.send(new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber, Body }));

const complete = (client: S3Client, UploadId: string, Parts: CompletedPart[]) =>
  client.send(
    new CompleteMultipartUploadCommand({ Bucket: bucket, Key, UploadId, MultipartUpload: { Parts } }),
  );

describe("a multipart upload", () => {
  test("by presigned parts becomes one object", async () => {
    const { client } = await startTestEngine();
    const UploadId = await begin(client);
    const bytes = randomBytes(2 * partBytes + 12_345);
    const Parts: CompletedPart[] = [];
    for (const [at, start] of [0, partBytes, 2 * partBytes].entries()) {
      const command = new UploadPartCommand({ Bucket: bucket, Key, UploadId, PartNumber: at + 1 });
      const url = await getSignedUrl(client, command, { expiresIn: 60 });
      const answer = await send(url, {
        method: "PUT",
        body: bytes.subarray(start, start + partBytes),
      });
      expect(answer.status).toBe(200);
      Parts.push({ PartNumber: at + 1, ETag: answer.headers.etag ?? "" });
    }
    const listed = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }));
    expect(listed.Parts?.map(({ PartNumber, Size, ETag }) => ({ PartNumber, Size, ETag }))).toEqual(
      Parts.map((part, at) => ({ ...part, Size: at < 2 ? partBytes : 12_345 })),
    );

    const { ETag } = await complete(client, UploadId, Parts);
    expect(ETag).toMatch(/^"[0-9a-f]{32}-3"$/);
    expect((await getBytes(client, Key)).equals(bytes)).toBe(true);
    const head = await client.send(new HeadObjectCommand({ Bucket: bucket, Key }));
    expect(head).toMatchObject({ ETag, ContentLength: bytes.length, ContentType: "audio/flac" });
    await expect(putPart(client, UploadId, 4, Buffer.from("x"))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });

  test("lists its parts by page, and takes a part again", async () => {
    const { client } = await startTestEngine();
    const UploadId = await begin(client);
    for (const number of [3, 1, 2]) await putPart(client, UploadId, number, Buffer.from(`part ${number}`));
    const again = await putPart(client, UploadId, 2, Buffer.from("another part 2"));

    const list = (PartNumberMarker?: string) =>
      client.send(
        new ListPartsCommand({
          Bucket: bucket,
          Key,
          UploadId,
          MaxParts: 2,
          ...(PartNumberMarker && { PartNumberMarker }),
        }),
      );
    const first = await list();
    expect(first.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([1, 2]);
    expect(first.Parts?.[1]?.ETag).toBe(again.ETag);
    expect(first.IsTruncated).toBe(true);
    const second = await list(first.NextPartNumberMarker);
    expect(second.Parts?.map(({ PartNumber }) => PartNumber)).toEqual([3]);
    expect(second.IsTruncated).toBe(false);
  });

  test("is completed only from parts that are there, in order and of a size", async () => {
    const { client } = await startTestEngine();
    const UploadId = await begin(client);
    const { ETag: one = "" } = await putPart(client, UploadId, 1, Buffer.from("small"));
    const { ETag: two = "" } = await putPart(client, UploadId, 2, Buffer.from("last"));
    const refusals: [CompletedPart[], string][] = [
      [[{ PartNumber: 1, ETag: two }], "InvalidPart"],
      [[{ PartNumber: 7, ETag: one }], "InvalidPart"],
      [
        [
          { PartNumber: 2, ETag: two },
          { PartNumber: 1, ETag: one },
        ],
        "InvalidPartOrder",
      ],
      [
        [
          { PartNumber: 1, ETag: one },
          { PartNumber: 2, ETag: two },
        ],
        "EntityTooSmall",
      ],
    ];
    for (const [parts, name] of refusals)
      await expect(complete(client, UploadId, parts), name).rejects.toMatchObject({ name });
    await expect(getBytes(client, Key)).rejects.toMatchObject({ name: "NoSuchKey" });

    await complete(client, UploadId, [{ PartNumber: 1, ETag: one }]);
    expect(await getBytes(client, Key)).toEqual(Buffer.from("small"));
  });

  test("is forgotten when aborted", async () => {
    const { client } = await startTestEngine();
    const UploadId = await begin(client);
    await putPart(client, UploadId, 1, Buffer.from("x"));
    await client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }));
    for (const command of [
      () => client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId })),
      () => complete(client, UploadId, [{ PartNumber: 1, ETag: "x" }]),
      () => client.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId })),
    ])
      await expect(command()).rejects.toMatchObject({ name: "NoSuchUpload" });
  });

  test("has an identifier that names no other path", async () => {
    const { client } = await startTestEngine();
    await expect(putPart(client, "../buckets/music", 1, Buffer.from("x"))).rejects.toMatchObject({
      name: "NoSuchUpload",
    });
  });
});
