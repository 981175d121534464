import { pushDeps } from "../deps/push.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createPushHandler } from "../push.ts";

export const handler = onFirstCall(createPushHandler, pushDeps);
