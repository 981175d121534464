import { liveDeps, onFirstCall } from "../deps.ts";
import { createLiveHandler } from "../live.ts";

export const handler = onFirstCall(createLiveHandler, liveDeps);
