import { createCatalogueHandler } from "../catalogue.ts";
import { catalogueDeps } from "../deps/catalogue.ts";
import { onFirstCall } from "../on-first-call.ts";

export const handler = onFirstCall(createCatalogueHandler, catalogueDeps);
