import type { UploadStatus } from "../../contract/uploads.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import type { OpenUpload } from "./ports.ts";
import { mayBeProcessed, outcomeKeptMs, statusOf } from "./status.ts";
import { ownUpload, type UploadDeps } from "./uploads.ts";

export type CompleteDeps = UploadDeps & {
  /** The upload when it is no longer processed, or as it is when that has been waited for long enough. */
  readonly awaitOutcome: (uploadId: string) => Promise<OpenUpload | undefined>;
};

/**
 * Has an upload processed (see `process.ts`) and waits for a while for what comes of it. The same call again asks again:
 * nothing is done twice, and the outcome is kept for a day.
 * @returns `done` with the song, or `processing`
 * @throws DomainError `not-found`; or why the upload failed: `bad-audio`, `conflict`, `unavailable`, …
 */
export async function completeUpload(
  deps: CompleteDeps,
  actor: Actor,
  { uploadId }: { uploadId: string },
): Promise<UploadStatus> {
  const upload = await ownUpload(deps, actor, uploadId);
  if (mayBeProcessed(upload)) {
    await requireParts(deps, upload);
    await beginProcessing(deps, upload);
  }
  const after = await deps.awaitOutcome(uploadId);
  if (!after) throw new DomainError("not-found", "The upload was given up meanwhile");
  const { problem } = statusOf(after);
  if (!problem) return statusOf(after);
  const { kind, detail, retryAfterSeconds } = problem;
  throw new DomainError(kind, detail, retryAfterSeconds === undefined ? {} : { retryAfterSeconds });
}

/** A curator's own upload, and what became of it. @throws DomainError `not-found` */
export const getUpload = async (
  deps: UploadDeps,
  actor: Actor,
  { uploadId }: { uploadId: string },
): Promise<UploadStatus> => statusOf(await ownUpload(deps, actor, uploadId));

/** The row's stream record has it processed. Of two at once, one writes it, and both wait for the same. */
async function beginProcessing({ uploads, clock, newId }: UploadDeps, upload: OpenUpload): Promise<void> {
  await uploads.replace(upload, {
    ...upload,
    state: "processing",
    etag: newId(),
    attempts: 0,
    expiresAt: new Date(clock.now().getTime() + outcomeKeptMs).toISOString(),
  });
}

/** Nothing has been sent, so there is nothing to process; the upload stays open for it. */
async function requireParts(
  { multipart }: UploadDeps,
  { objectKey, multipartId }: OpenUpload,
): Promise<void> {
  const parts = await multipart.parts(objectKey, multipartId);
  if (parts?.size === 0) throw new DomainError("bad-audio", "No part of the file has been uploaded");
}
