import { uploadsDeps } from "../deps/uploads.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createUploadsHandler } from "../uploads.ts";

export const handler = onFirstCall(createUploadsHandler, uploadsDeps);
