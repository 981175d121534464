/**
 * Text as it is compared and sorted: compatibility forms made one, lower case, accents taken off, blanks single (Unicode
 * Standard Annex #15, NFKD). A mark is an accent only on a Latin, Greek or Cyrillic letter: the voicing marks of kana, the
 * vowels of Thai and the signs of Hangul, Arabic and the Indic scripts tell one letter from another, and stay.
 */
export const fold = (text: string): string =>
  text
    .normalize("NFKD")
    .toLowerCase()
    .replace(accents, "$1")
    .replace(undecomposed, (letter) => spellings[letter] ?? letter)
    .replace(invisible, "")
    .replace(/\s+/g, " ")
    .trim()
    .normalize("NFC");

const accents = /([\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}])\p{Mn}+/gu;
/** Joiners, variation selectors, soft hyphens: nobody sees or types them. */
const invisible = /\p{Default_Ignorable_Code_Point}+/gu;

/** Letters that Unicode does not decompose, as people type them who have no key for them (CLDR, Latin-ASCII). */
const spellings: Readonly<Record<string, string>> = {
  æ: "ae",
  ð: "d",
  ø: "o",
  þ: "th",
  ß: "ss",
  đ: "d",
  ħ: "h",
  ı: "i",
  ĸ: "q",
  ł: "l",
  ŋ: "n",
  œ: "oe",
  ŧ: "t",
  ƀ: "b",
  ƒ: "f",
  ɨ: "i",
  ɫ: "l",
  ə: "e",
  ƶ: "z",
  ς: "σ",
};
const undecomposed = new RegExp(`[${Object.keys(spellings).join("")}]`, "gu");
