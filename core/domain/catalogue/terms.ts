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

export const termsOf = (text: string): Term[] => asTyped(fold(text)).split(" ").flatMap(termsBetweenBlanks);

/**
 * What people leave out or write otherwise when they type: points of Hebrew, vowel signs and forms of letters in Arabic and
 * Persian, hiragana for katakana. Names that differ in them stay others.
 */
const asTyped = (folded: string): string =>
  folded
    .replace(pointing, "")
    .replace(/[أإآٱىیةک]/g, (letter) => arabicForms[letter] ?? letter)
    .replace(/[ァ-ヶ]/g, (kana) => String.fromCodePoint((kana.codePointAt(0) ?? 0) - katakanaOffset));

/** Cantillation and points; vowel signs, and the stroke that makes a word longer. */
const pointing =
  /[\u0591-\u05BD\u05BF\u05C1\u05C2\u05C4\u05C5\u05C7\u0610-\u061A\u0640\u064B-\u0652\u0670\u06D6-\u06ED]/g;
const arabicForms: Readonly<Record<string, string>> = {
  أ: "ا",
  إ: "ا",
  آ: "ا",
  ٱ: "ا",
  ى: "ي",
  ی: "ي",
  ة: "ه",
  ک: "ك",
};
/** From a sign of hiragana (U+3041 on) to that of katakana. */
const katakanaOffset = 0x60;

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
