import { onFirstCall, socketDeps } from "../deps.ts";
import { createSocketHandler } from "../socket.ts";

export const handler = onFirstCall(createSocketHandler, socketDeps);
