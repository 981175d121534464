import { type HttpDeps, restHandler } from "./http/handler.ts";
import { openApiDocument } from "./openapi/document.ts";

export type DocsDeps = { readonly publicUrl: string };

export const createDocsHandler = restHandler<"docs", HttpDeps & DocsDeps>("docs", {
  getOpenApi: async ({ publicUrl }) => openApiDocument(publicUrl),
});
