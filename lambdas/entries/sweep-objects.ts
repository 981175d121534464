import { onFirstCall, sweepObjectsDeps } from "../deps.ts";
import { createSweepObjectsHandler } from "../sweep-objects.ts";

export const handler = onFirstCall(createSweepObjectsHandler, sweepObjectsDeps);
