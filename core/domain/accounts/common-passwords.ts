import decompress from "@zxcvbn-ts/dictionary-compression/decompress";
import { commonPasswords } from "./common-passwords.generated.ts";

let words: ReadonlySet<string> | undefined;

/** Whether a password (in lower case) is among the 10,000 commonest that are long enough to be chosen here. */
export function isCommonPassword(password: string): boolean {
  words ??= new Set(decompress(commonPasswords));
  return words.has(password);
}
