import { fold } from "./fold.ts";

/**
 * What search compares, from what stands between two blanks of a text:
 * - `word`: letters and digits, in the parts that punctuation and changes between letters and digits make. "R.E.M." has
 *   the parts r, e, m, and people type "rem"; "blink-182" has blink, 182.
 * - `run`: signs of a script that writes no blanks between words, or compounds at will. Any part of it may be typed.
 * - `symbol`: neither letters nor digits, as in the name "!!!".
 */
export type Term = {
  readonly kind: "word" | "run" | "symbol";
  readonly parts: readonly [string, ...string[]];
};

export const termsOf = (text: string): Term[] => fold(text).split(" ").flatMap(termsBetweenBlanks);

/** Han, kana, Hangul, Bopomofo, Yi, Thai, Lao, Khmer and Burmese letters; each with the marks that follow it. */
const sign =
  /[[\p{scx=Han}\p{scx=Hira}\p{scx=Kana}\p{scx=Hang}\p{scx=Bopo}\p{scx=Yiii}\p{scx=Thai}\p{scx=Laoo}\p{scx=Khmr}\p{scx=Mymr}]&&\p{L}]\p{M}*/v;
const part = new RegExp(`(?<sign>${sign.source})|\\p{N}+|(?:(?!${sign.source})[\\p{L}\\p{M}])+`, "gv");

function termsBetweenBlanks(text: string): Term[] {
  const terms: Term[] = [];
  for (const { 0: found, groups } of text.matchAll(part)) {
    const kind = groups?.sign === undefined ? "word" : "run";
    const last = terms.at(-1);
    if (last?.kind === kind) terms[terms.length - 1] = { kind, parts: [...last.parts, found] };
    else terms.push({ kind, parts: [found] });
  }
  return terms.length > 0 || text === "" ? terms : [{ kind: "symbol", parts: [text] }];
}
