import decompress from "@zxcvbn-ts/dictionary-compression/decompress";
import { commonPasswords } from "./common-passwords.generated.ts";

let words: ReadonlySet<string> | undefined;

/**
 * The words (in lower case) that the commonest passwords are made of, and those of the 10,000 commonest that no pattern
 * explains: repetitions, sequences, walks on the keyboard and dates are recognised as such (`password-pieces.ts`).
 */
export const commonWords = {
  has(word: string): boolean {
    words ??= new Set(decompress(commonPasswords));
    return words.has(word);
  },
};
