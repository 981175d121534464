import { onFirstCall, processUploadsDeps } from "../deps.ts";
import { createProcessUploadsHandler } from "../process-uploads.ts";

export const handler = onFirstCall(createProcessUploadsHandler, processUploadsDeps);
