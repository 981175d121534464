import { completeUpload } from "../core/domain/uploads/complete.ts";
import { abortUpload, startUpload, type UploadDeps } from "../core/domain/uploads/uploads.ts";
import { onFirstCall, uploadsDeps } from "./deps.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export const createUploadsHandler = restHandler<"uploads", HttpDeps & UploadDeps>("uploads", {
  startUpload,
  completeUpload,
  abortUpload,
});

export const handler = onFirstCall(createUploadsHandler, uploadsDeps);
