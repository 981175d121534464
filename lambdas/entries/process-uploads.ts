import { processUploadsDeps } from "../deps/process-uploads.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createProcessUploadsHandler } from "../process-uploads.ts";

export const handler = onFirstCall(createProcessUploadsHandler, processUploadsDeps);
