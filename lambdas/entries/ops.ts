import { onFirstCall, opsDeps } from "../deps.ts";
import { createOpsHandler } from "../ops.ts";

export const handler = onFirstCall(createOpsHandler, opsDeps);
