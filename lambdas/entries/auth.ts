import { createAuthHandler } from "../auth.ts";
import { authDeps, onFirstCall } from "../deps.ts";

export const handler = onFirstCall(createAuthHandler, authDeps);
