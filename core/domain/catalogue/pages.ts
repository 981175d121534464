import * as Type from "typebox";
import type { ListQuery } from "../../contract/catalogue.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../cursor.ts";
import { sortKeyOf } from "./text.ts";

export type NamedPage<T> = { items: T[]; nextCursor?: string };

/** By name, and of one name by id. */
export const nameKey = (name: string, id: string): string => `${sortKeyOf(name)}\0${id}`;

const position = Type.Object({ after: Type.String({ minLength: 1 }) }, { additionalProperties: false });

/** A page of a list that lies in memory, by a key that names each item once. */
export function pageByKey<T>(
  scope: ListScope,
  all: readonly T[],
  keyOf: (item: T) => string,
  query: ListQuery,
): NamedPage<T> {
  const after = query.cursor === undefined ? "" : decodeCursor(position, scope, query.cursor).after;
  const rest = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = rest.slice(0, query.limit ?? 50);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    ...(last && rest.length > page.length && { nextCursor: encodeCursor(scope, { after: last.key }) }),
  };
}
