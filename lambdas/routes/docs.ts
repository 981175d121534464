import * as Type from "typebox";
import type { Route } from "./route.ts";

export const docsOperations = [
  {
    area: "docs",
    operation: "getOpenApi",
    method: "GET",
    path: "/api/openapi.json",
    summary: "This API as an OpenAPI 3.1 document",
    access: "public",
    success: { status: 200, schema: Type.Object({}, { additionalProperties: true }) },
  },
] as const satisfies readonly Route[];
