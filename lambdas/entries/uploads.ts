import { onFirstCall, uploadsDeps } from "../deps.ts";
import { createUploadsHandler } from "../uploads.ts";

export const handler = onFirstCall(createUploadsHandler, uploadsDeps);
