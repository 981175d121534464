import { createConfig, lintFromString } from "@redocly/openapi-core";
import type { TSchema } from "typebox";
import { Check } from "typebox/value";
import { expect, it } from "vitest";
import { NewPassword } from "../../../core/contract/accounts.ts";
import { commonWords } from "../../../core/domain/accounts/common-passwords.ts";
import { weaknessOf } from "../../../core/domain/accounts/password-rules.ts";
import { openApiDocument } from "../../../lambdas/openapi/document.ts";
import { restRoutes } from "../../../lambdas/routes/rest.ts";

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

/** The schema of a header of `PUT /api/subscriptions/{songId}`. */
function headerSchema(wanted: string): TSchema {
  type Parameter = { readonly name: string; readonly in: string; readonly schema: TSchema };
  const paths = document.paths as Record<string, { readonly put: { readonly parameters: Parameter[] } }>;
  const parameters = paths["/api/subscriptions/{songId}"]?.put.parameters ?? [];
  const found = parameters.find(({ name, in: place }) => place === "header" && name === wanted);
  if (!found) throw new Error(`No header ${wanted}`);
  return found.schema;
}

it.each<[string, string[], string[]]>([
  ["If-Match", ['"12"', "*"], ["12", '""', 'W/"12"', '"1", "2"', '"\u0661"', '"1234567890123456"']],
  ["If-None-Match", ["*"], ['"12"', ""]],
  ["Idempotency-Key", ["12345678"], ["1234567", "1234 5678", "x".repeat(65)]],
])("says which values %s takes", (name, valid, invalid) => {
  const taken = [...valid, ...invalid].filter((value) => Check(headerSchema(name), value));
  expect(taken).toEqual(valid);
});

it("shows a new password that is taken", () => {
  const { examples } = NewPassword as { examples?: readonly string[] };
  expect(examples).not.toHaveLength(0);
  for (const example of examples ?? [])
    expect(weaknessOf(example, { own: new Set(), common: commonWords })).toBeUndefined();
});
