import { docsDeps } from "../deps/docs.ts";
import { createDocsHandler } from "../docs.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createDocsHandler, docsDeps);
