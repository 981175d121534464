import { createCoversHandler } from "../covers.ts";
import { coversDeps } from "../deps/covers.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createCoversHandler, coversDeps);
