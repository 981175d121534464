import { expect, it } from "vitest";
import { creditParts } from "../../../client/state/credits.ts";

const credits = (...names: string[]) => names.map((name) => ({ artistId: `id of ${name}`, name }));
/** Links in brackets. */
const shown = (printed: string, ...names: string[]) =>
  creditParts(printed, credits(...names))
    .map(({ text, artistId }) => (artistId === undefined ? text : `[${text}]`))
    .join("");

it.each([
  ["AC/DC", ["AC/DC"], "[AC/DC]"],
  ["Nora feat. Omar", ["Nora feat. Omar"], "[Nora feat. Omar]"],
  ["Nora feat. Omar", ["Nora", "Omar"], "[Nora] feat. [Omar]"],
  ["Nora, Omar & Paul (live)", ["Nora", "Omar", "Paul"], "[Nora], [Omar] & [Paul] (live)"],
  ["Nora & Nora", ["Nora", "Nora"], "[Nora] & [Nora]"],
  ["Omar & Nora", ["Nora", "Omar"], "[Nora], [Omar]"],
  ["Various Artists", [], "Various Artists"],
  ["The Group", ["Nora", "Omar"], "[Nora], [Omar]"],
])("%s by %j", (printed, names, links) => {
  expect(shown(printed, ...names)).toBe(links);
});
