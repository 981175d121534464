import { docsDeps, onFirstCall } from "../deps.ts";
import { createDocsHandler } from "../docs.ts";

export const handler = onFirstCall(createDocsHandler, docsDeps);
