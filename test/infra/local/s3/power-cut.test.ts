import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  ListObjectsV2Command,
  ListPartsCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import { ensureBucket } from "../../../../infra/local/s3/create-bucket.ts";
import { startS3 } from "../../../../infra/local/s3/engine.ts";
import { afterPowerCut, type DiskEvent, recordDisk } from "../../../support/power-cut-disk.ts";
import { createRandom, runSeed } from "../../../support/random.ts";
import { bucket, createTestClient, credentials, getBytes, startTestEngine } from "./harness.ts";

const seed = runSeed();
const random = createRandom(seed);
const cuts = 60;

/** Bytes that tell which version of which object they are, and whether they are whole. */
function versionBytes(key: string, version: number): Buffer {
  const head = Buffer.from(`${key}#${version}#`);
  return Buffer.concat([head, Buffer.alloc(20_000 + version, createHash("sha256").update(head).digest())]);
}

const versionOf = (bytes: Buffer): number => Number(bytes.toString("latin1", 0, 40).split("#")[1]);

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "encore-s3-cut-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Puts, replaces, deletes and uploads in parts, and marks what was begun and what was acknowledged. */
async function record(root: string): Promise<DiskEvent[]> {
  const { disk, events } = recordDisk();
  const mark = (...words: (string | number)[]) => events.push({ type: "mark", name: words.join(" ") });
  const engine = await startS3({ dataDir: root, disk, credentials });
  const client = createTestClient(engine.endpoint);
  await ensureBucket(client, bucket);
  mark("acknowledged", "bucket");
  const write = async (Key: string) => {
    for (let version = 1; version <= 6; version++) {
      mark("begun", Key, version);
      const Body = versionBytes(Key, version);
      if (version === 4) await uploadInParts(Key, version);
      else await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body }));
      mark("acknowledged", Key, version);
    }
    mark("begun", `${Key}-gone`, 1);
    await client.send(
      new PutObjectCommand({ Bucket: bucket, Key: `${Key}-gone`, Body: versionBytes(`${Key}-gone`, 1) }),
    );
    mark("deleting", `${Key}-gone`);
    await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: `${Key}-gone` }));
    mark("deleted", `${Key}-gone`);
  };
  const uploadInParts = async (Key: string, version: number) => {
    const { UploadId } = await client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key }));
    const upload = { Bucket: bucket, Key, UploadId };
    const Body = versionBytes(Key, version);
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body }));
    mark("part", Key, UploadId ?? "");
    const Parts = [{ PartNumber: 1, ETag }];
    mark("completing", Key);
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  };
  await Promise.all(["a", "b", "c"].map(write));
  client.destroy();
  await engine.close();
  return events;
}

/** What the marks before a cut promise. */
function promisesOf(events: readonly DiskEvent[]) {
  const begun = new Map<string, number>();
  const acknowledged = new Map<string, number>();
  const deleting = new Set<string>();
  const deleted = new Set<string>();
  const parts = new Map<string, string>();
  for (const event of events) {
    if (event.type !== "mark") continue;
    const [what = "", key = "", more = ""] = event.name.split(" ");
    if (what === "begun") begun.set(key, Number(more));
    if (what === "acknowledged") acknowledged.set(key, Number(more));
    if (what === "deleting") deleting.add(key);
    if (what === "deleted") deleted.add(key);
    if (what === "part") parts.set(key, more);
    if (what === "completing") parts.delete(key);
  }
  return { begun, acknowledged, deleting, deleted, parts };
}

test(`a power cut at any moment loses nothing that was acknowledged, and halves nothing (seed ${seed})`, async () => {
  const root = await createFolder();
  const events = await record(join(root, "s3"));
  const marks = events.flatMap(({ type }, at) => (type === "mark" ? at : []));
  const ready = marks[0] ?? 0;
  const atRandom = () => ready + 1 + Math.floor(random() * (events.length - ready));
  const afterMark = () => (marks[Math.floor(random() * marks.length)] ?? 0) + 1;
  for (let cut = 0; cut < cuts; cut++) {
    const at = cut % 2 === 0 ? atRandom() : afterMark();
    const target = join(root, `cut-${cut}`);
    await mkdir(target);
    const before = events.slice(0, at);
    await afterPowerCut(before, { root, target, random });
    await expectKept(join(target, "s3"), before, `cut ${cut} at event ${at}`);
  }
});

async function expectKept(dataDir: string, events: readonly DiskEvent[], cut: string): Promise<void> {
  const { begun, acknowledged, deleting, deleted, parts } = promisesOf(events);
  const { client } = await startTestEngine(dataDir);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket }));
  const found = Contents.map(({ Key = "" }) => Key);
  for (const key of found) {
    const bytes = await getBytes(client, key);
    const version = versionOf(bytes);
    expect(bytes.equals(versionBytes(key, version)), `${cut}: ${key} is whole`).toBe(true);
    expect(version, `${cut}: ${key}`).toBeGreaterThanOrEqual(acknowledged.get(key) ?? 0);
    expect(version, `${cut}: ${key}`).toBeLessThanOrEqual(begun.get(key) ?? 0);
  }
  for (const key of acknowledged.keys())
    if (key !== "bucket" && !deleting.has(key)) expect(found, cut).toContain(key);
  for (const key of deleted) expect(found, cut).not.toContain(key);
  for (const [Key, UploadId] of parts) {
    const { Parts } = await client.send(new ListPartsCommand({ Bucket: bucket, Key, UploadId }));
    expect(Parts, `${cut}: the part of ${Key}`).toMatchObject([{ PartNumber: 1 }]);
  }
}
