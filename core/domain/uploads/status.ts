import type { UploadStatus } from "../../contract/uploads.ts";
import type { OpenUpload } from "./ports.ts";

/** How long it can be asked what became of an upload (ms). */
export const outcomeKeptMs = 24 * 60 * 60 * 1000;

/** What its curator is told of an upload. */
export const statusOf = ({ uploadId, state, song, problem }: OpenUpload): UploadStatus => ({
  uploadId,
  state,
  ...(state === "done" && song && { song }),
  ...(state === "failed" && problem && { problem }),
});

/** It is open, or it failed for reasons that were not the file's. */
export const mayBeProcessed = ({ state, problem }: OpenUpload): boolean =>
  state === "open" || (state === "failed" && (problem?.status ?? 0) >= 500);
