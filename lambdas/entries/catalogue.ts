import { createCatalogueHandler } from "../catalogue.ts";
import { catalogueDeps, onFirstCall } from "../deps.ts";

export const handler = onFirstCall(createCatalogueHandler, catalogueDeps);
