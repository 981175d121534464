import { liveDeps } from "../deps/live.ts";
import { createLiveHandler } from "../live.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createLiveHandler, liveDeps);
