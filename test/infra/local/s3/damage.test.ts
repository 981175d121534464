import { createHash } from "node:crypto";
import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ListObjectsV2Command, PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import { describe, expect, onTestFinished, test } from "vitest";
import type { Log } from "../../../../core/domain/ports.ts";
import { repairObjects } from "../../../../infra/local/s3/repair.ts";
import { verifyObjects } from "../../../../infra/local/s3/verify.ts";
import { bucket, getBytes, putBytes, startTestEngine } from "./harness.ts";

async function createFolder(): Promise<string> {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-s3-damage-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return dataDir;
}

async function startLogged(dataDir: string) {
  const lines: Record<string, unknown>[] = [];
  const write = (fields: Record<string, unknown>, message: string) => void lines.push({ ...fields, message });
  const log: Log = { info: write, warn: write, error: write };
  return { ...(await startTestEngine(dataDir, { log })), lines };
}

const pointerOf = (dataDir: string, key: string): string =>
  join(dataDir, "buckets", bucket, createHash("sha256").update(key).digest("hex"));

/** The file of an object's bytes. */
async function dataOf(dataDir: string, key: string): Promise<string> {
  const [json = ""] = (await readFile(pointerOf(dataDir, key), "utf8")).split("\n");
  return join(dataDir, "data", (JSON.parse(json) as { file: string }).file);
}

async function flipBit(path: string, position: number): Promise<void> {
  const file = await open(path, "r+");
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, position);
  await file.write(Buffer.from([(buffer[0] ?? 0) ^ 0x10]), 0, 1, position);
  await file.close();
}

/** As an object was kept before there were checksums. */
async function forgetChecksums(dataDir: string, key: string): Promise<void> {
  const [json = ""] = (await readFile(pointerOf(dataDir, key), "utf8")).split("\n");
  const { checksums: _, ...before } = JSON.parse(json) as Record<string, unknown>;
  await writeFile(pointerOf(dataDir, key), JSON.stringify(before));
}

const size = 3 * 1024 * 1024;

describe("a flipped bit in the bytes", () => {
  test("is never served, and is told once with path and advice", async () => {
    const dataDir = await createFolder();
    const { client, lines } = await startLogged(dataDir);
    const { bytes } = await putBytes(client, "song", size);
    const position = 2 * 1024 * 1024 + 5;
    await flipBit(await dataOf(dataDir, "song"), position);

    // The head has left by the time it is found: the body breaks.
    await expect(getBytes(client, "song")).rejects.toThrow();
    for (const range of [`bytes=${position}-${position}`, `bytes=${position - 100_000}-`])
      await expect(getBytes(client, "song", range)).rejects.toMatchObject({
        name: "InternalError",
        $metadata: { httpStatusCode: 500 },
      });
    const sound = await getBytes(client, "song", "bytes=0-524287");
    expect(sound.equals(bytes.subarray(0, 524_288))).toBe(true);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ key: "song", path: await dataOf(dataDir, "song") });
    expect(String(lines[0]?.advice)).toContain("npm run check");
  });

  test("of an object from before there were checksums is found by its entity tag", async () => {
    const dataDir = await createFolder();
    const { client } = await startTestEngine(dataDir);
    const { bytes } = await putBytes(client, "sound", size);
    await putBytes(client, "flipped", size);
    for (const key of ["sound", "flipped"]) await forgetChecksums(dataDir, key);
    await flipBit(await dataOf(dataDir, "flipped"), 77);

    const { client: after } = await startLogged(dataDir);
    expect((await getBytes(after, "sound", "bytes=100-199")).equals(bytes.subarray(100, 200))).toBe(true);
    await expect(getBytes(after, "flipped", "bytes=0-9")).rejects.toMatchObject({ name: "InternalError" });
    // The sound one has its checksums from now on.
    expect(await readFile(pointerOf(dataDir, "sound"), "utf8")).toContain('"checksums"');
  });
});

describe("a damaged pointer", () => {
  const damages: [string, (path: string) => Promise<void>][] = [
    ["empty", (path) => truncate(path)],
    ["cut off", (path) => truncate(path, 40)],
    ["flipped", (path) => flipBit(path, 30)],
    ["of other text", (path) => writeFile(path, "{}")],
  ];
  for (const [name, damage] of damages)
    test(`that is ${name} hurts its own object alone`, async () => {
      const dataDir = await createFolder();
      const before = await startTestEngine(dataDir);
      for (const key of ["a", "b", "c"]) await putBytes(before.client, key, 10);
      await damage(pointerOf(dataDir, "b"));

      const { client, lines } = await startLogged(dataDir);
      expect(await keysOf(client)).toEqual(["a", "c"]);
      expect(await keysOf(client)).toEqual(["a", "c"]);
      expect(await getBytes(client, "a")).toHaveLength(10);
      await expect(getBytes(client, "b")).rejects.toMatchObject({ name: "InternalError" });
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatchObject({ path: pointerOf(dataDir, "b") });

      // Storing the object again mends it.
      const { bytes } = await putBytes(client, "b", 20);
      expect(await getBytes(client, "b")).toEqual(bytes);
      expect(await keysOf(client)).toEqual(["a", "b", "c"]);
    });
});

async function keysOf(client: S3Client): Promise<string[]> {
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  return Contents.map(({ Key = "" }) => Key);
}

describe("a check of the folder", () => {
  test("tells everything that is wrong, and mends what it can", async () => {
    const dataDir = await createFolder();
    const { client } = await startTestEngine(dataDir);
    for (const key of ["whole", "flipped", "short", "missing", "lost"]) await putBytes(client, key, 600_000);
    const { bytes, etag } = await putBytes(client, "nameless", 700_000);
    await flipBit(await dataOf(dataDir, "flipped"), 300_000);
    await truncate(await dataOf(dataDir, "short"), 100);
    await rm(await dataOf(dataDir, "missing"));
    await writeFile(join(dataDir, "incoming", "left"), "half");
    for (const key of ["lost", "nameless"]) await truncate(pointerOf(dataDir, key));

    const found = await verifyObjects(dataDir);
    expect(found.whole).toBe(1);
    expect(found.faults.map(({ kind, object }) => [kind, object?.key]).sort()).toEqual([
      ["bytes-damaged", "flipped"],
      ["bytes-damaged", "short"],
      ["bytes-missing", "missing"],
      ["leftover", undefined],
      ["orphan", undefined],
      ["orphan", undefined],
      ["pointer-damaged", undefined],
      ["pointer-damaged", undefined],
    ]);

    const expected = [{ bucket, key: "nameless", etag, sizeBytes: 700_000, contentType: "audio/mpeg" }];
    await repairObjects(dataDir, { expected });
    const left = await verifyObjects(dataDir);
    expect(left.whole).toBe(2);
    // The bytes of the pointer that could not be made anew stay, in case somebody knows what they are.
    expect(left.faults.map(({ kind }) => kind).sort()).toEqual([
      "bytes-damaged",
      "bytes-damaged",
      "bytes-missing",
      "orphan",
    ]);
    const { client: after } = await startTestEngine(dataDir);
    expect(await getBytes(after, "nameless")).toEqual(bytes);
    await after.send(new PutObjectCommand({ Bucket: bucket, Key: "lost", Body: "anew" }));

    await repairObjects(dataDir);
    expect((await verifyObjects(dataDir)).faults.map(({ kind }) => kind)).not.toContain("orphan");
    expect(await readdir(join(dataDir, "damaged"))).toHaveLength(1);
  });

  test("names bytes again whose pointer is gone, and keeps what might be those of another", async () => {
    const dataDir = await createFolder();
    const { client } = await startTestEngine(dataDir);
    const names = ["gone", "changed"] as const;
    const stored = await Promise.all(names.map((key) => putBytes(client, key, 300_000)));
    await flipBit(await dataOf(dataDir, "changed"), 1_000);
    for (const key of names) await rm(pointerOf(dataDir, key));

    const expected = names.map((key, at) => ({
      bucket,
      key,
      sizeBytes: 300_000,
      contentType: "audio/mpeg",
      etag: stored[at]?.etag ?? "",
    }));
    await repairObjects(dataDir, { expected });
    expect((await verifyObjects(dataDir)).faults.map(({ kind }) => kind)).toEqual(["orphan"]);
    const { client: after } = await startTestEngine(dataDir);
    expect(await getBytes(after, "gone")).toEqual(stored[0]?.bytes);
  });

  test("of a folder that is not there finds nothing wrong", async () => {
    expect(await verifyObjects(join(await createFolder(), "s3"))).toEqual({ whole: 0, bytes: 0, faults: [] });
  });
});
