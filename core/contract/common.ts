import type { TObject, TOptional, TProperties, TSchema } from "typebox";
import * as Type from "typebox";

/** An object that refuses unknown properties: a misspelt field is an error, never silently ignored. */
export const Strict = <P extends TProperties>(
  properties: P,
  options: { description?: string; not?: TSchema } = {},
) => Type.Object(properties, { additionalProperties: false, ...options });

/** The same properties, none of which has to be there. */
export const partial = <P extends TProperties>(properties: P) =>
  Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, Type.Optional(schema)]),
  ) as unknown as { [K in keyof P]: TOptional<P[K]> };

/** All fields of an object optional, and at least one given: the body of a PATCH. */
export const Patch = <T extends TObject>(schema: T) =>
  Type.Partial(schema, { additionalProperties: false, minProperties: 1 });

export const idForm = { minLength: 1, maxLength: 64, pattern: "^[A-Za-z0-9_-]+$" };
/** An opaque identifier (a ULID for what Encore makes itself). */
export const Id = Type.String(idForm);

/** ISO 8601 in UTC, as `Date#toISOString` writes it. */
export const Timestamp = Type.String({ format: "date-time" });

/**
 * Where a page ended; only the list that gave it understands it. The longest holds a digest, a sort key of 512 bytes and
 * an id, which JSON may escape; a request line (10,240 bytes) has room for it beside every filter.
 */
export const Cursor = Type.String({
  minLength: 1,
  maxLength: 1664,
  pattern: "^[A-Za-z0-9_-]+$",
  description: "`nextCursor` of the page before",
});

export const Revision = Type.Integer({
  minimum: 0,
  description: "Revisions of a user are 1, 2, 3, … without a hole",
});

/** Query strings are text; the transport turns this one into a number before it validates. */
export const Limit = Type.Integer({ minimum: 1, maximum: 200, description: "Items a page" });

export const Page = <T extends Parameters<typeof Type.Array>[0]>(item: T) =>
  Strict({ items: Type.Array(item), nextCursor: Type.Optional(Cursor) });
