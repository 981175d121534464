import { onFirstCall, pushDeps } from "../deps.ts";
import { createPushHandler } from "../push.ts";

export const handler = onFirstCall(createPushHandler, pushDeps);
