import { socketDeps } from "../deps/socket.ts";
import { onFirstCall } from "../on-first-call.ts";
import { createSocketHandler } from "../websocket/socket.ts";

export const handler = onFirstCall(createSocketHandler, socketDeps);
