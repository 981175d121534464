import { textPattern, textRule } from "../../contract/text.ts";
import { DomainError } from "../errors.ts";

/** Controls, line and paragraph separators, halves of surrogate pairs, characters that change the direction. */
const refused = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u;
const everyRefused = new RegExp(refused, "gu");
/** A character that can be seen by itself. */
const visible = /[^\p{White_Space}\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cs}\p{Bidi_Control}\u2800]/u;

const isVisibleText = (text: string): boolean => !refused.test(text) && visible.test(text);

/**
 * Text that a person gave, as it is kept: composed (NFC), without blanks around it.
 * @param path of the field, like `body/userName`
 * @param maxLength in code points; composing can make a text longer than it came
 * @throws DomainError `invalid-request` that names the field
 */
export function requireText(path: string, text: string, maxLength = Number.POSITIVE_INFINITY): string {
  const clean = text.trim().normalize("NFC");
  // Before it is trimmed as well: schemas refuse a tab at the end, and the rule is one.
  if (refused.test(text) || !isVisibleText(clean)) throw badText(path, textRule);
  if (codePoints(clean) > maxLength) throw badText(path, `must not have more than ${maxLength} characters`);
  return clean;
}

function badText(path: string, message: string): DomainError {
  return new DomainError("invalid-request", `${path} ${message}`, { errors: [{ path, message }] });
}

/**
 * Text that nobody can be asked to correct, like a file's tags: what must not be in it is taken out, and it is cut to
 * `maxLength` code points. @returns undefined where nothing is left to see
 */
export function cleanText(text: string, maxLength: number): string | undefined {
  const clean = text
    // Taggers pad; what is longer than all padding is no name.
    .slice(0, 64 * maxLength)
    // Lines become words; whatever else is refused goes without a trace.
    .replace(/[\t\n\v\f\r\u0085\p{Zl}\p{Zp}]+/gu, " ")
    .replace(everyRefused, "")
    .normalize("NFC")
    .trim();
  const cut = cutText(clean, maxLength).trim();
  return isVisibleText(cut) ? cut : undefined;
}

/** No name in any script has so many code points in one cluster; a stack of marks has. */
const longestCluster = 64;
const clusters = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The start of a text of at most `maxLength` code points, cut between characters as people see them. */
export function cutText(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  let [length, end] = [0, 0];
  // What lies behind the longest possible cluster cannot move a boundary before it.
  for (const { segment } of clusters.segment(text.slice(0, 2 * (maxLength + longestCluster)))) {
    length += codePoints(segment);
    if (length > maxLength) break;
    end += segment.length;
  }
  // One cluster that is longer than all there may be is a stack of marks: nobody can read it anyway.
  return end > 0 ? text.slice(0, end) : [...text.slice(0, 2 * maxLength)].slice(0, maxLength).join("");
}

const codePoints = (text: string): number => [...text].length;

/** Deeper than anything that Encore takes; what walks through a value by recursion gets along with it. */
const maxDepth = 32;

/**
 * Parses JSON whose texts are Unicode (I-JSON, RFC 7493 §2.1): half of a surrogate pair, which only an escape can
 * write, is an error, and so are values in more than 32 others. @throws SyntaxError, RangeError
 */
export function parseJson(text: string): unknown {
  const value = /\\u[dD][89a-fA-F]/.test(text) ? JSON.parse(text, requireUnicode) : JSON.parse(text);
  requireDepth(value);
  return value;
}

function requireDepth(value: unknown): void {
  let level = [value];
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > maxDepth) throw new SyntaxError("Nested too deep");
    level = level.flatMap((one) => (typeof one === "object" && one !== null ? Object.values(one) : []));
  }
}

function requireUnicode(name: string, value: unknown): unknown {
  if (name.isWellFormed() && (typeof value !== "string" || value.isWellFormed())) return value;
  throw new SyntaxError("Half of a surrogate pair");
}

/** What is wrong with a value, in words: a pattern says nothing to most people, nor does that something is not. */
export function wordsFor({ keyword, message, params }: SchemaError): string {
  if (keyword === "not") return "has fields that exclude each other";
  return "pattern" in params && params.pattern === textPattern ? textRule : message;
}

type SchemaError = { readonly keyword: string; readonly message: string; readonly params: object };
