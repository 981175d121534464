import type { Query } from "minisearch";
import { type Term, termsOf } from "./terms.ts";

/**
 * The tokens under which a text stands in the search index: the parts of its words, the words without punctuation, and of
 * what has no blanks each two signs that stand together, and the last; symbols also as they are spoken.
 */
export const tokensOf = (text: string): string[] => termsOf(text).flatMap(tokensOfTerm);

function tokensOfTerm({ kind, parts }: Term): string[] {
  if (kind === "run") return [...pairsOf(parts), parts.at(-1) ?? ""];
  if (kind === "symbol") return spokenAsAnd.has(parts[0]) ? [parts[0], "and"] : [parts[0]];
  return [...new Set([...parts, parts.join("")])];
}

/** "Florence + the Machine" is typed with "and", too. */
const spokenAsAnd: ReadonlySet<string> = new Set(["&", "+"]);

const pairsOf = (signs: readonly string[]): string[] =>
  signs.slice(1).map((sign, at) => `${signs[at]}${sign}`);

/** What must match in a song for a text that was typed; its last word may go on. Punctuation counts where it is all. */
export function queryOf(text: string): Query {
  const terms = termsOf(text);
  const spoken = terms.filter(({ kind }) => kind !== "symbol");
  return { combineWith: "AND", queries: (spoken.length > 0 ? spoken : terms).map(queryOfTerm) };
}

function queryOfTerm({ kind, parts }: Term): Query {
  const joined = parts.join("");
  if (parts.length === 1) return kind === "run" ? { ...exactly([joined]), prefix: true } : joined;
  if (kind === "run") return exactly(pairsOf(parts));
  return { combineWith: "OR", queries: [joined, apart(parts)] };
}

const exactly = (queries: readonly string[]) => ({
  combineWith: "AND" as const,
  prefix: false,
  fuzzy: false,
  queries: [...queries],
});

/** "hip-hop" finds "Hip Hop" too. */
const apart = (parts: readonly string[]): Query => ({
  ...exactly(parts.slice(0, -1)),
  queries: [...parts.slice(0, -1), { ...exactly(parts.slice(-1)), prefix: true }],
});
