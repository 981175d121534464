import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createBlockCache } from "../../server/delivery/block-cache.ts";
import { type DiskCache, openDiskCache } from "../../server/delivery/disk-cache.ts";
import { createAudioReader } from "../../server/delivery/range-reader.ts";
import { type FaultyOrigin, startFaultyOrigin } from "../support/faulty-origin.ts";
import { silent } from "../support/live-node.ts";
import { contentOf } from "../support/range-table.ts";
import { until } from "../support/until.ts";

const blockBytes = 16 * 1024;
const content = contentOf(5 * blockBytes + 77);
const policy = { timeoutMs: 250, maxAttempts: 4, backoffMs: 2 };

let origin: FaultyOrigin;
let folder: string;
let disk: DiskCache;

beforeEach(async () => {
  origin = await startFaultyOrigin();
  folder = await mkdtemp(join(tmpdir(), "encore-audio-"));
  disk = await open();
});
afterEach(async () => {
  await disk.settled();
  await origin.close();
  await rm(folder, { recursive: true });
});

const open = (maxBytes = 2 ** 20) =>
  openDiskCache({ source: origin.source, folder, maxBytes, blockBytes, log: silent });

/** The song as a node that has just begun reads it: nothing is in memory. */
async function listen(etag: string, range = { start: 0, end: content.length - 1 }): Promise<Buffer> {
  const cache = createBlockCache({ source: disk, maxBytes: 2 ** 20, blockBytes, policy });
  const reader = createAudioReader(cache).open({ key: "song", etag, sizeBytes: content.length }, range);
  const chunks: Buffer[] = [];
  while (!reader.done) {
    await reader.whenReadable();
    chunks.push(Buffer.from(reader.read()));
  }
  reader.close("finished");
  await until("nothing is on its way", () => cache.stats().fetching === 0);
  await disk.settled();
  return Buffer.concat(chunks);
}

/** The process ends, and another begins on the same folder. */
async function restart(maxBytes?: number): Promise<void> {
  await disk.settled();
  disk = await open(maxBytes);
}

it("is warm after a restart: nothing is asked of the store", async () => {
  const etag = origin.put("song", content);
  expect(await listen(etag)).toEqual(content);
  const asked = origin.asked.length;
  await restart();
  expect(await listen(etag)).toEqual(content);
  expect(origin.asked.length).toBe(asked);
});

it("never gives one version for another", async () => {
  const before = origin.put("song", content);
  await listen(before);
  const newer = contentOf(content.length).reverse();
  const after = origin.put("song", newer);
  await restart();
  expect(await listen(after)).toEqual(newer);
  expect(await listen(before)).toEqual(content);
});

it.each<[string, (file: string) => Promise<void>]>([
  ["cut short", (file) => truncate(file, 100)],
  ["empty", (file) => truncate(file, 0)],
  ["gone", (file) => rm(file)],
  [
    "changed in one bit",
    async (file) => {
      const bytes = await readFile(file);
      bytes[7] = (bytes[7] ?? 0) ^ 1;
      await writeFile(file, bytes);
    },
  ],
])("drops a file that is %s, and fetches it anew", async (_, damage) => {
  const etag = origin.put("song", content);
  await listen(etag);
  const [name] = await readdir(folder);
  await damage(join(folder, name ?? ""));
  await restart();
  const asked = origin.asked.length;
  expect(await listen(etag)).toEqual(content);
  expect(origin.asked.length).toBe(asked + 1);
  await restart();
  expect(await listen(etag)).toEqual(content);
  expect(origin.asked.length).toBe(asked + 1);
});

it("keeps no more than it may, also of what an earlier process left", async () => {
  const etag = origin.put("song", content);
  await listen(etag);
  expect(disk.stats().files).toBe(6);
  await restart(2 * blockBytes);
  expect(disk.stats().bytes).toBeLessThanOrEqual(2 * blockBytes);
  await expect.poll(async () => (await readdir(folder)).length).toBeLessThanOrEqual(2);
  expect(await listen(etag)).toEqual(content);
  await expect.poll(async () => (await readdir(folder)).length).toBeLessThanOrEqual(2);
});

it("deletes what was only begun, and leaves strange files alone", async () => {
  await writeFile(join(folder, `${"a".repeat(64)}.01.part`), "begun");
  await writeFile(join(folder, "readme.txt"), "mine");
  await restart();
  expect(await readdir(folder)).toEqual(["readme.txt"]);
  expect(disk.stats().files).toBe(0);
});

it("keeps no block whose body broke off, nor what was asked for from there on", async () => {
  const etag = origin.put("song", content);
  origin.behave((request) => (request === 0 ? { kind: "cut", after: 5_000 } : { kind: "whole" }));
  expect(await listen(etag, { start: 0, end: 99 })).toEqual(content.subarray(0, 100));
  expect(await readdir(folder)).toEqual([]);
});

it("goes on without a disk that takes nothing", async () => {
  const etag = origin.put("song", content);
  await rm(folder, { recursive: true });
  expect(await listen(etag)).toEqual(content);
  await writeFile(folder, "not a folder");
  await expect(open()).rejects.toThrow("AUDIO_CACHE_DIR cannot be used");
});
