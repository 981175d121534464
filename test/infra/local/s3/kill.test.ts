import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import {
  CreateMultipartUploadCommand,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { ensureBucket } from "../../../../infra/local/s3/create-bucket.ts";
import { createRandom, runSeed } from "../../../support/random.ts";
import { until } from "../../../support/until.ts";
import { spawnEngine } from "../spawn-engine.ts";
import { bucket, createTestClient, getBytes, startTestEngine } from "./harness.ts";

const seed = runSeed();
const random = createRandom(seed);

/** Bytes that tell which version of which object they are, and whether they are whole. */
function versionBytes(key: string, version: number): Buffer {
  const head = Buffer.from(`${key}#${version}#`);
  const filler = createHash("sha256").update(head).digest();
  return Buffer.concat([head, Buffer.alloc(3_000_000 + version, filler)]);
}

const versionOf = (bytes: Buffer): number => Number(bytes.toString("latin1", 0, 40).split("#")[1]);

async function createDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "encore-s3-kill-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test(`objects of a killed engine are whole, and none that was acknowledged is lost (seed ${seed})`, async () => {
  const dataDir = await createDataDir();
  const keys = ["a", "b", "c", "d"];
  const acknowledged = new Map<string, number>();
  const started = new Map<string, number>();

  for (let round = 0; round < 5; round++) {
    const engine = await spawnEngine("s3", dataDir);
    const client = createTestClient(engine.endpoint);
    await ensureBucket(client, bucket);
    let acknowledgements = 0;
    const writing = Promise.allSettled(
      keys.map(async (Key) => {
        for (;;) {
          const version = (started.get(Key) ?? 0) + 1;
          started.set(Key, version);
          await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: versionBytes(Key, version) }));
          acknowledged.set(Key, version);
          acknowledgements += 1;
        }
      }),
    );
    // In the middle of whatever it does some time after some acknowledgements.
    const enough = round === 0 ? keys.length : Math.floor(random() * 8);
    await until("writes are acknowledged", () => acknowledgements >= enough);
    await wait(random() * 50);
    await engine.kill();
    await writing;
    client.destroy();
  }
  expect(acknowledged.size).toBeGreaterThan(0);

  const { client } = await startTestEngine(dataDir);
  for (const key of keys) {
    const bytes = await getBytes(client, key);
    const version = versionOf(bytes);
    expect(bytes.equals(versionBytes(key, version))).toBe(true);
    expect(version).toBeGreaterThanOrEqual(acknowledged.get(key) ?? 0);
  }
  // What was being received when the engine died does not stay behind.
  expect(await readdir(join(dataDir, "incoming"))).toEqual([]);
});

test("parts of an upload outlive the engine", async () => {
  const dataDir = await createDataDir();
  const engine = await spawnEngine("s3", dataDir);
  const before = createTestClient(engine.endpoint);
  await ensureBucket(before, bucket);
  const { UploadId } = await before.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "a" }));
  const part = { Bucket: bucket, Key: "a", UploadId };
  const { ETag } = await before.send(
    new UploadPartCommand({ ...part, PartNumber: 1, Body: Buffer.alloc(1000) }),
  );
  await engine.kill();
  before.destroy();

  const { client } = await startTestEngine(dataDir);
  const { Parts } = await client.send(new ListPartsCommand(part));
  expect(Parts).toMatchObject([{ PartNumber: 1, ETag, Size: 1000 }]);
});
