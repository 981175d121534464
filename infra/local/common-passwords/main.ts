import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import compress from "@zxcvbn-ts/dictionary-compression/compress";
import { weaknessOf } from "../../../core/domain/accounts/password-rules.ts";

/**
 * Writes `core/domain/accounts/common-passwords.generated.ts` from zxcvbn's list, which is ordered by frequency: the words
 * that common passwords are made of, and then those of the commonest passwords that these and the patterns do not refuse.
 */
const packageName = "@zxcvbn-ts/language-common";
const require = createRequire(import.meta.url);
const { dictionary } = require(packageName) as { dictionary: Record<string, string[]> };
const licence = readFileSync(new URL("../LICENSE.txt", `file://${require.resolve(packageName)}`), "utf8");

const list = (dictionary["passwords-common"] ?? []).filter((word) => word === word.toLowerCase());
const isWord = (text: string): boolean => /^\p{L}{4,7}$/u.test(text);
/** The same word in other languages, which the list does not have. */
const passwordElsewhere =
  "contrasena contraseña haslo hasło kennwort losenord lösenord motdepasse parola parole passwort пароль salasana senha wachtwoord";
const mostWords = 6_000;
/** Of those that are long enough to be chosen at all. */
const mostPasswords = 10_000;

const words = new Set([...list.filter(isWord).slice(0, mostWords), ...passwordElsewhere.split(" ")]);
for (const password of list.filter((one) => one.length >= 8).slice(0, mostPasswords))
  if (weaknessOf(password, { own: new Set(), common: words }) === undefined) words.add(password);

const lines = [
  `// Made by infra/local/common-passwords/main.ts from ${packageName}, whose licence (MIT) is:`,
  ...licence
    .trim()
    .split("\n")
    .map((line) => `// ${line}`.trimEnd()),
  `export const commonPasswords = ${JSON.stringify(compress([...words].sort()))};`,
];
const file = fileURLToPath(
  new URL("../../../core/domain/accounts/common-passwords.generated.ts", import.meta.url),
);
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(`${words.size} words and passwords written to ${file}`);
