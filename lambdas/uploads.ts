import type { Song } from "../core/contract/catalogue.ts";
import type { UploadStatus } from "../core/contract/uploads.ts";
import type { Actor } from "../core/domain/actor.ts";
import { type CompleteDeps, completeUpload, getUpload } from "../core/domain/uploads/complete.ts";
import { abortUpload, startUpload } from "../core/domain/uploads/uploads.ts";
import { Accepted, type HttpDeps, restHandler } from "./http/handler.ts";

export type UploadsDeps = HttpDeps & CompleteDeps;

export const createUploadsHandler = restHandler<"uploads", UploadsDeps>("uploads", {
  startUpload,
  completeUpload: complete,
  getUpload,
  abortUpload,
});

/** When to ask again for what is still being processed (s). */
const retryAfterSeconds = 2;

async function complete(
  deps: UploadsDeps,
  actor: Actor,
  input: { uploadId: string },
): Promise<Song | Accepted<UploadStatus>> {
  const status = await completeUpload(deps, actor, input);
  return status.song ?? new Accepted(status, `/api/uploads/${status.uploadId}`, retryAfterSeconds);
}
