import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { bucket, getBytes, signedHeaders, startTestEngine } from "./harness.ts";

test("a sender who stops in the middle is told so, and nothing stays of what came", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-s3-stall-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { client, endpoint } = await startTestEngine(dataDir, { stallMs: 100 });
  const url = `${endpoint}/${bucket}/song`;
  const sending = request(url, {
    method: "PUT",
    headers: { ...signedHeaders(url, "PUT"), "content-length": "2000" },
  });
  sending.on("error", () => {});
  sending.write(Buffer.alloc(1000));
  const [response] = await once(sending, "response");
  expect(response.statusCode).toBe(400);
  expect(String(Buffer.concat(await response.toArray()))).toContain("<Code>RequestTimeout</Code>");
  expect(await readdir(join(dataDir, "incoming"))).toEqual([]);
  await expect(getBytes(client, "song")).rejects.toMatchObject({ name: "NoSuchKey" });
});
