import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import { DomainError } from "../../../../core/domain/errors.ts";
import { createOutcomeWaiter } from "../../../../core/domain/uploads/await-outcome.ts";
import { completeUpload } from "../../../../core/domain/uploads/complete.ts";
import { maxAttempts, processUpload } from "../../../../core/domain/uploads/process.ts";
import { abortUpload, startUpload } from "../../../../core/domain/uploads/uploads.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { sampleAudio } from "../../../support/sample-audio.ts";
import { newActor } from "../../../support/subscriptions.ts";
import { announce, uploadWorld } from "../../../support/uploads.ts";

let aws: TestAws;
let world: ReturnType<typeof uploadWorld>;
let curator: Actor;
let tone = 900;

beforeAll(async () => {
  aws = await startTestAws();
  world = uploadWorld(aws);
  curator = { ...newActor(), role: "curator" };
});
afterAll(() => aws.close());

const newUpload = async () => {
  const bytes = await sampleAudio({ tone: tone++ });
  return { bytes, uploadId: await world.send(curator, bytes) };
};

/** Completes as a call that is answered before anything is processed. */
const complete = (uploadId: string) =>
  completeUpload({ ...world.deps, awaitOutcome: world.deps.uploads.get }, curator, { uploadId });

/** The same stores, with an inspector that fails so. */
const failing = (error: Error) => ({
  ...world.deps,
  log: { info: () => {}, warn: () => {}, error: () => {} },
  inspector: { inspect: () => Promise.reject(error) },
});

describe("An upload that is processed", () => {
  it("is asked for, and goes on being one upload when it is started again", async () => {
    const { bytes, uploadId } = await newUpload();
    expect(await complete(uploadId)).toEqual({ uploadId, state: "processing" });
    expect(await complete(uploadId)).toEqual({ uploadId, state: "processing" });
    const again = await startUpload(world.deps, curator, announce(bytes));
    expect(again).toMatchObject({ status: "open", upload: { uploadId, parts: [{ uploaded: true }] } });
    await expect(abortUpload(world.deps, curator, { uploadId })).rejects.toMatchObject({ kind: "conflict" });
    await processUpload(world.deps, uploadId);
    expect(await complete(uploadId)).toMatchObject({ state: "done", song: { sizeBytes: bytes.length } });
  });

  it("is tried again where it was not the file that failed, and may be completed again after the last try", async () => {
    const { uploadId } = await newUpload();
    await complete(uploadId);
    const broken = failing(new Error("the disk is full"));
    for (let attempt = 1; attempt < maxAttempts; attempt++)
      await expect(processUpload(broken, uploadId)).rejects.toThrow("the disk is full");
    await processUpload(broken, uploadId);
    expect(await world.deps.uploads.get(uploadId)).toMatchObject({
      state: "failed",
      problem: { kind: "internal" },
    });
    expect(await complete(uploadId)).toEqual({ uploadId, state: "processing" });
    await processUpload(world.deps, uploadId);
    expect(await complete(uploadId)).toMatchObject({ state: "done" });
  });

  it("is tried once where it is the file", async () => {
    const { uploadId } = await newUpload();
    await complete(uploadId);
    await processUpload(failing(new DomainError("bad-audio", "It is noise")), uploadId);
    await expect(complete(uploadId)).rejects.toMatchObject({ kind: "bad-audio", message: "It is noise" });
  });

  it("ends when it has ended its process each time: no file holds the others up for ever", async () => {
    const { uploadId } = await newUpload();
    await complete(uploadId);
    for (let attempt = 1; attempt <= maxAttempts; attempt++) {
      const upload = await world.deps.uploads.get(uploadId);
      if (!upload) throw new Error("The upload is gone");
      await world.deps.uploads.replace(upload, { ...upload, attempts: attempt, etag: `died-${attempt}` });
    }
    await processUpload(failing(new Error("never called")), uploadId);
    expect(await world.deps.uploads.get(uploadId)).toMatchObject({ state: "failed" });
  });
});

describe("Waiting for an outcome", () => {
  it("ends with it, after a while, or at once where too many wait", async () => {
    const { uploadId } = await newUpload();
    await complete(uploadId);
    const pauses: number[] = [];
    const waiter = createOutcomeWaiter({
      uploads: world.deps.uploads,
      waitMs: 60_000,
      maxWaiting: 1,
      pause: async (ms) => {
        if (pauses.push(ms) === 3) await processUpload(world.deps, uploadId);
      },
    });
    const [first, second] = await Promise.all([waiter(uploadId), waiter(uploadId)]);
    expect([first?.state, second?.state]).toEqual(["done", "processing"]);
    expect(pauses).toEqual([20, 40, 80]);
  });
});
