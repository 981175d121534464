import { mkdir, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { nodeDisk } from "../../../../infra/local/disk.ts";
import { openUploadStore } from "../../../../infra/local/s3/upload-store.ts";

const dayMs = 86_400_000;

it("What was begun two days ago and never ended is swept, and nothing younger", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-abandoned-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, "incoming"));
  const upload = { bucket: "music", key: "audio/song", headers: {} };
  const before = await openUploadStore({ dataDir: folder, disk: nodeDisk });
  const [old, young] = [await before.create(upload), await before.create(upload)];
  const age = async (uploadId: string, ms: number) => {
    const then = new Date(Date.now() - ms);
    await utimes(join(folder, "uploads", uploadId, "upload.json"), then, then);
  };
  await age(old, 2 * dayMs + 60_000);
  await age(young, 2 * dayMs - 60_000);
  const after = await openUploadStore({ dataDir: folder, disk: nodeDisk });
  await after.sweep();
  await expect(after.find(old, "music", "audio/song")).rejects.toMatchObject({ code: "NoSuchUpload" });
  expect(await after.find(young, "music", "audio/song")).toEqual(upload);
  expect(await readdir(join(folder, "uploads"))).toEqual([young]);
});
