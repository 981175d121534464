import { createAuthHandler } from "../auth.ts";
import { authDeps } from "../deps/auth.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createAuthHandler, authDeps);
