import { opsDeps } from "../deps/ops.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createOpsHandler } from "../ops.ts";

export const handler = onFirstCall(createOpsHandler, opsDeps);
