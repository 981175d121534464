import { createCoversHandler } from "../covers.ts";
import { coversDeps, onFirstCall } from "../deps.ts";

export const handler = onFirstCall(createCoversHandler, coversDeps);
