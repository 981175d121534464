import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { bucket, putBytes, startTestEngine } from "./harness.ts";

const run = promisify(execFile);
const script = fileURLToPath(new URL("list-objects.ts", import.meta.url));

test("few descriptors are enough to start, list and check many objects", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-s3-descriptors-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const { client } = await startTestEngine(dataDir);
  const keys = Array.from({ length: 400 }, (_, n) => `audio/${String(n).padStart(4, "0")}`);
  for (let at = 0; at < keys.length; at += 50)
    await Promise.all(keys.slice(at, at + 50).map((key) => putBytes(client, key, 10)));
  const command = `ulimit -n 96 && exec "${process.execPath}" "${script}" "${dataDir}" ${bucket}`;
  const { stdout } = await run("sh", ["-c", command]);
  expect(JSON.parse(stdout)).toEqual({ listed: keys, whole: keys.length, faults: [] });
});
