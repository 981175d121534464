import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { expect, onTestFinished, test } from "vitest";
import type { Log } from "../../../../core/domain/ports.ts";
import { type Disk, nodeDisk } from "../../../../infra/local/disk.ts";
import { bucket, getBytes, putBytes, startTestEngine } from "./harness.ts";

/** A disk on which the change after the next `left` ones, and all that follow, fail until it heals. */
function createFaultyDisk() {
  let left = Number.POSITIVE_INFINITY;
  let code = "";
  let refused = 0;
  const meet = (): void => {
    if (left-- > 0) return;
    refused += 1;
    throw Object.assign(new Error(`${code}: the disk is at fault`), { code });
  };
  const disk: Disk = {
    ...nodeDisk,
    async create(path) {
      meet();
      const file = await nodeDisk.create(path);
      return {
        ...file,
        async write(bytes) {
          meet();
          await file.write(bytes);
        },
        async sync() {
          meet();
          await file.sync();
        },
      };
    },
    async rename(from, to) {
      meet();
      await nodeDisk.rename(from, to);
    },
    async makeFolder(path) {
      meet();
      await nodeDisk.makeFolder(path);
    },
    async syncFolder(path) {
      meet();
      await nodeDisk.syncFolder(path);
    },
    async remove(path) {
      // A full disk can still remove; one that is read-only cannot.
      if (code !== "ENOSPC") meet();
      await nodeDisk.remove(path);
    },
  };
  return {
    disk,
    failAfter(changes: number, reason: string) {
      left = changes;
      code = reason;
      refused = 0;
    },
    /** @returns whether anything was refused */
    heal() {
      left = Number.POSITIVE_INFINITY;
      code = "";
      return refused > 0;
    },
  };
}

async function startOnFaultyDisk() {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-s3-fault-"));
  const lines: string[] = [];
  const write = (_: unknown, message: string) => void lines.push(message);
  const log: Log = { info: write, warn: write, error: write };
  const faulty = createFaultyDisk();
  const engine = await startTestEngine(dataDir, { disk: faulty.disk, log });
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  return { ...engine, ...faulty, dataDir, lines };
}

const size = 1_000_000;

for (const code of ["ENOSPC", "EIO", "EROFS"])
  test(`${code} at any step of a write is a 503 that may be tried again, and leaves the old object`, async () => {
    const { client, failAfter, heal, dataDir, lines } = await startOnFaultyDisk();
    let bytes: Buffer = (await putBytes(client, "song", size)).bytes;
    const { UploadId } = await client.send(
      new CreateMultipartUploadCommand({ Bucket: bucket, Key: "parts" }),
    );
    const upload = { Bucket: bucket, Key: "parts", UploadId };
    const Body = Buffer.alloc(size, 7);
    const { ETag } = await client.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body }));
    const writes: (() => Promise<unknown>)[] = [
      () => client.send(new PutObjectCommand({ Bucket: bucket, Key: "song", Body })),
      () => client.send(new CreateMultipartUploadCommand({ Bucket: bucket, Key: "other" })),
      () => client.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body })),
      () =>
        client.send(
          new CompleteMultipartUploadCommand({
            ...upload,
            MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
          }),
        ),
    ];
    for (const write of writes)
      for (let changes = 0; ; changes++) {
        failAfter(changes, code);
        const outcome = await write().then(
          () => undefined,
          (error: unknown) => error,
        );
        const hasFailed = heal();
        const song = await getBytes(client, "song");
        // A fault after the new version is in place, but before it is sure to stay, leaves the new one.
        expect(song.equals(bytes) || song.equals(Body)).toBe(true);
        bytes = song;
        if (!hasFailed) break;
        if (!outcome) continue;
        expect(outcome, `after ${changes} changes`).toMatchObject({
          name: "ServiceUnavailable",
          $metadata: { httpStatusCode: 503 },
        });
      }
    expect((await getBytes(client, "parts")).equals(Body)).toBe(true);
    if (code === "ENOSPC") expect(await readdir(join(dataDir, "incoming"))).toEqual([]);
    expect(lines.join("\n")).toContain(`The disk refused a request (${code})`);
  });

test("a disk that fills in the middle of a large body is told to the sender, who then goes on", async () => {
  const { client, failAfter, heal, dataDir } = await startOnFaultyDisk();
  failAfter(3, "ENOSPC");
  await expect(putBytes(client, "song", 20 * size)).rejects.toMatchObject({ name: "ServiceUnavailable" });
  heal();
  expect(await readdir(join(dataDir, "incoming"))).toEqual([]);
  expect(await readdir(join(dataDir, "data"))).toEqual([]);
  const { bytes } = await putBytes(client, "song", size);
  expect((await getBytes(client, "song")).equals(bytes)).toBe(true);
});
