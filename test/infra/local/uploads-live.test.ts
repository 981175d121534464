import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { UploadStarted, UploadStatus } from "../../../core/contract/uploads.ts";
import type { Encore } from "../../../infra/local/start.ts";
import { type ApiClient, loginAt } from "../../support/api-client.ts";
import { startTestEncore } from "../../support/encore.ts";
import { openDevice } from "../../support/live-device.ts";
import { sampleAudio } from "../../support/sample-audio.ts";

let encore: Encore;
let curator: ApiClient;
beforeAll(async () => {
  encore = await startTestEncore();
  curator = await loginAt(encore.url, "curator@example.com", "encore-demo-password");
});
afterAll(() => encore.close());

/** @returns the upload's id and what its *complete* answered */
async function upload(bytes: Buffer) {
  const started = await curator.request("POST", "/api/uploads", {
    fileName: "file.m4a",
    sizeBytes: bytes.length,
    contentType: "audio/mp4",
    sha256: createHash("sha256").update(bytes).digest("hex"),
  });
  const answer = (await started.json()) as UploadStarted;
  if (answer.status !== "open") throw new Error("It is there already");
  const { uploadId, parts } = answer.upload;
  for (const { url } of parts) await fetch(url, { method: "PUT", body: new Uint8Array(bytes) });
  return { uploadId, completed: await curator.request("POST", `/api/uploads/${uploadId}/complete`) };
}

it("A curator's devices are told what becomes of an upload, and nobody else's", async () => {
  const device = await openDevice(`${encore.url.replace("http", "ws")}/live`, curator.accessToken);
  await device.hello();
  const listener = await loginAt(encore.url, "listener@example.com", "encore-demo-password");
  const other = await openDevice(`${encore.url.replace("http", "ws")}/live`, listener.accessToken);
  await other.hello();

  const good = await upload(await sampleAudio({ format: "m4a", tone: 1_500 }));
  const told = await device.next("upload", ({ upload: { state } }) => state === "done");
  expect(told.upload).toEqual(await curator.get<UploadStatus>(`/api/uploads/${good.uploadId}`));

  const bomb = await readFile(join(import.meta.dirname, "../../cases/31-sample-count-bomb/frag20000000.m4a"));
  const bad = await upload(bomb);
  expect(bad.completed.status).toBe(422);
  const failed = await device.next("upload", ({ upload: { state } }) => state === "failed");
  expect(failed.upload).toMatchObject({
    uploadId: bad.uploadId,
    problem: { kind: "bad-audio", detail: expect.stringContaining("damaged") },
  });
  expect(device.of("upload").map(({ upload: { state } }) => state)).toEqual([
    ...["processing", "done"],
    ...["processing", "failed"],
  ]);
  expect(other.of("upload")).toEqual([]);
  for (const one of [device, other]) one.ws.close();
});
