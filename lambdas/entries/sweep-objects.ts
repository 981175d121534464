import { sweepObjectsDeps } from "../deps/sweep-objects.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createSweepObjectsHandler } from "../sweep-objects.ts";

export const handler = onFirstCall(createSweepObjectsHandler, sweepObjectsDeps);
