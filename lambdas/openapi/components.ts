import type { TSchema } from "typebox";
import * as accounts from "../../core/contract/accounts.ts";
import * as catalogue from "../../core/contract/catalogue.ts";
import * as live from "../../core/contract/live.ts";
import * as ops from "../../core/contract/ops.ts";
import * as problem from "../../core/contract/problem.ts";
import * as subscriptions from "../../core/contract/subscriptions.ts";
import * as uploads from "../../core/contract/uploads.ts";

/** A schema as it is named in the document: a reference where the contract exports it, itself otherwise. */
export type Schemas = (schema: TSchema) => unknown;

const isSchema = (value: unknown): value is TSchema =>
  typeof value === "object" && value !== null && ("type" in value || "anyOf" in value || "enum" in value);

/** The contract's own names of its object and union schemas; small scalar ones read better in place. */
const names = new Map<unknown, string>(
  [accounts, catalogue, live, ops, problem, subscriptions, uploads].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]) =>
      isSchema(value) && ("properties" in value || "anyOf" in value) ? [[value, name] as const] : [],
    ),
  ),
);

/** Collects the named schemas that a document uses. */
export function createComponents() {
  const used = new Map<string, unknown>();

  function use(schema: unknown): unknown {
    const name = names.get(schema);
    if (name === undefined) return inline(schema);
    if (!used.has(name)) {
      // Taken before it is filled, so that a schema may name itself.
      used.set(name, undefined);
      used.set(name, inline(schema));
    }
    return { $ref: `#/components/schemas/${name}` };
  }

  function inline(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(use);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([key]) => key !== "$id")
        .map(([key, item]) => [key, use(item)]),
    );
  }

  return { use, schemas: () => Object.fromEntries([...used].sort(([a], [b]) => (a < b ? -1 : 1))) };
}
