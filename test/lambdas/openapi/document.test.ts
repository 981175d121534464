import { createConfig, lintFromString } from "@redocly/openapi-core";
import { expect, it } from "vitest";
import { openApiDocument } from "../../../lambdas/openapi/document.ts";
import { restRoutes } from "../../../lambdas/routes.ts";

const document = openApiDocument("http://127.0.0.1:8080");

it("is a valid OpenAPI 3.1 document by an independent linter", async () => {
  const config = await createConfig({
    extends: ["recommended-strict"],
    rules: {
      // The API answers 2xx and problems; it never redirects, and a laptop is a server too.
      "no-server-example.com": "error",
      "security-defined": "error",
      // Public reads like the list of plans have no refusal but "not available just now".
      "operation-4xx-response": "off",
    },
  });
  const problems = await lintFromString({ source: JSON.stringify(document), config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
    [],
  );
});

it("describes every route of the table", () => {
  const described = Object.entries(document.paths as Record<string, object>).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );
  expect(described.sort()).toEqual(restRoutes.map(({ method, path }) => `${method} ${path}`).sort());
});

it("names the contract's schemas once, as components", () => {
  const schemas = (document.components as { schemas: Record<string, unknown> }).schemas;
  expect(Object.keys(schemas)).toEqual(expect.arrayContaining(["Song", "Subscription", "Problem", "User"]));
  expect(JSON.stringify(schemas.Problem)).toContain("/problems/<kind>");
});
