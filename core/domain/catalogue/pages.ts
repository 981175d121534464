import * as Type from "typebox";
import type { ListQuery } from "../../contract/catalogue.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../shared/cursor.ts";
import { sortKeyOf } from "./text.ts";

export type NamedPage<T> = { items: T[]; nextCursor?: string };

/** By name, and of one name by id. */
export const nameKey = (name: string, id: string): string => `${sortKeyOf(name)}\0${id}`;

const position = Type.Object({ after: Type.String({ minLength: 1 }) }, { additionalProperties: false });

/** A list in the order of keys that name each item once. */
type Sorted<T> = readonly { readonly item: T; readonly key: string }[];

export const sortByKey = <T>(items: readonly T[], keyOf: (item: T) => string): Sorted<T> =>
  items.map((item) => ({ item, key: keyOf(item) })).sort((a, b) => (a.key < b.key ? -1 : 1));

export function pageOf<T>(scope: ListScope, sorted: Sorted<T>, query: ListQuery): NamedPage<T> {
  const { limit = 50, cursor } = query;
  const after = cursor === undefined ? "" : decodeCursor(position, scope, cursor).after;
  const start = sorted.findIndex(({ key }) => key > after);
  const rest = start < 0 ? [] : sorted.slice(start, start + limit + 1);
  const page = rest.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    ...(last && rest.length > limit && { nextCursor: encodeCursor(scope, { after: last.key }) }),
  };
}
