import { request } from "node:http";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { describe, expect, test } from "vitest";
import { until } from "../../../support/until.ts";
import { bucket, getBytes, putBytes, send, signedHeaders, startTestEngine } from "./harness.ts";

const size = 5 * 1024 * 1024;

describe("ranges", () => {
  test("are exact, at every edge", async () => {
    const { client, endpoint } = await startTestEngine();
    const { bytes, etag } = await putBytes(client, "song", size);
    const ranges: [string, number, number][] = [
      ["bytes=0-0", 0, 0],
      ["bytes=100-199", 100, 199],
      [`bytes=${size - 1}-${size - 1}`, size - 1, size - 1],
      ["bytes=65536-", 65536, size - 1],
      ["bytes=-100", size - 100, size - 1],
      [`bytes=-${size + 5}`, 0, size - 1],
      [`bytes=${size - 10}-${size + 10}`, size - 10, size - 1],
      ["bytes=1-2097152", 1, 2097152],
    ];
    for (const [range, start, end] of ranges)
      for (const method of ["GET", "HEAD"]) {
        const answer = await send(`${endpoint}/${bucket}/song`, { method, headers: { range } });
        expect(answer.status).toBe(206);
        expect(answer.headers).toMatchObject({
          etag,
          "content-range": `bytes ${start}-${end}/${size}`,
          "content-length": String(end - start + 1),
        });
        const expected = method === "GET" ? bytes.subarray(start, end + 1) : Buffer.alloc(0);
        expect(answer.body.equals(expected), `${method} ${range}`).toBe(true);
      }
  });

  test("that no byte answers are 416; what is no single range gets the whole object", async () => {
    const { client, endpoint } = await startTestEngine();
    await putBytes(client, "song", 1000);
    const get = (range: string) => send(`${endpoint}/${bucket}/song`, { headers: { range } });
    for (const range of ["bytes=1000-", "bytes=5000-6000", "bytes=-0"])
      expect(await get(range)).toMatchObject({ status: 416, headers: { "content-range": "bytes */1000" } });
    for (const range of ["bytes=0-1,5-6", "bytes=9-3", "bytes=", "bytes=-", "items=0-1"])
      expect(await get(range)).toMatchObject({ status: 200, headers: { "content-length": "1000" } });
  });

  test("300 at once are all right", async () => {
    const { client } = await startTestEngine();
    const { bytes } = await putBytes(client, "song", size);
    const reads = Array.from({ length: 300 }, async (_, n) => {
      const start = (n * 17_389) % (size - 65_536);
      const read = await getBytes(client, "song", `bytes=${start}-${start + 65_535}`);
      return read.equals(bytes.subarray(start, start + 65_536));
    });
    expect(await Promise.all(reads)).toEqual(Array(300).fill(true));
  });
});

describe("preconditions", () => {
  test("If-Match, If-None-Match, dates and If-Range, in their order", async () => {
    const { client, endpoint } = await startTestEngine();
    const { etag } = await putBytes(client, "song", 1000);
    const past = "Wed, 21 Oct 2015 07:28:00 GMT";
    const future = "Fri, 21 Oct 2067 07:28:00 GMT";
    const statuses: [Record<string, string>, number][] = [
      [{ "if-match": etag }, 200],
      [{ "if-match": '"other"' }, 412],
      [{ "if-match": `"other", ${etag}` }, 200],
      [{ "if-match": etag, "if-unmodified-since": past }, 200],
      [{ "if-unmodified-since": past }, 412],
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": '"other"', "if-modified-since": future }, 200],
      [{ "if-modified-since": future }, 304],
      [{ range: "bytes=0-9", "if-match": etag }, 206],
      [{ range: "bytes=0-9", "if-match": '"other"' }, 412],
      [{ range: "bytes=0-9", "if-range": etag }, 206],
      [{ range: "bytes=0-9", "if-range": '"other"' }, 200],
      [{ range: "bytes=0-9", "if-range": past }, 200],
    ];
    for (const [headers, status] of statuses) {
      const answer = await send(`${endpoint}/${bucket}/song`, { headers });
      expect(answer.status, JSON.stringify(headers)).toBe(status);
    }
  });

  test("a read pinned to one version never mixes in another", async () => {
    const { client } = await startTestEngine();
    const { etag } = await putBytes(client, "song", size);
    await putBytes(client, "song", size);
    const pinned = new GetObjectCommand({ Bucket: bucket, Key: "song", Range: "bytes=0-9", IfMatch: etag });
    await expect(client.send(pinned)).rejects.toMatchObject({ name: "PreconditionFailed" });
  });

  test("a read that has begun ends with the version it began with", async () => {
    const { client } = await startTestEngine();
    const { bytes } = await putBytes(client, "song", size);
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: "song" }));
    await putBytes(client, "song", size);
    expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bytes)).toBe(true);
  });

  test("readers of an object that is replaced all the time get one version whole", async () => {
    const { client } = await startTestEngine();
    const versions = [(await putBytes(client, "song", 200_000)).bytes];
    let replacing = true;
    const replace = (async () => {
      for (let n = 0; n < 20; n++) versions.push((await putBytes(client, "song", 200_000)).bytes);
      replacing = false;
    })();
    while (replacing) {
      const read = await getBytes(client, "song");
      await until("the version is known", () => versions.some((version) => version.equals(read)));
    }
    await replace;
  });
});

test("a listener that leaves frees the file", async () => {
  const { client, endpoint } = await startTestEngine();
  const { bytes } = await putBytes(client, "song", size);
  for (let n = 0; n < 50; n++)
    await new Promise<void>((resolve) => {
      const url = `${endpoint}/${bucket}/song`;
      const leaving = request(url, { headers: signedHeaders(url, "GET") }, (response) => {
        response.once("data", () => leaving.destroy()).on("error", () => {});
      });
      leaving
        .on("close", resolve)
        .on("error", () => {})
        .end();
    });
  expect((await getBytes(client, "song")).equals(bytes)).toBe(true);
});

test("a presigned read answers with the headers it asks for, until it expires", async () => {
  const { client } = await startTestEngine();
  await putBytes(client, "song", 100);
  const command = new GetObjectCommand({ Bucket: bucket, Key: "song", ResponseContentType: "audio/flac" });
  const answer = await send(await getSignedUrl(client, command, { expiresIn: 60 }));
  expect(answer).toMatchObject({ status: 200, headers: { "content-type": "audio/flac" } });

  const signingDate = new Date(Date.now() - 120_000);
  const expired = await send(await getSignedUrl(client, command, { expiresIn: 60, signingDate }));
  expect(expired.status).toBe(403);
  expect(String(expired.body)).toContain("Request has expired");
});
