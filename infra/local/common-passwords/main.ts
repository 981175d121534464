import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import compress from "@zxcvbn-ts/dictionary-compression/compress";

/**
 * Writes `core/domain/accounts/common-passwords.generated.ts` from zxcvbn's list, which is ordered by frequency.
 * Passwords of under eight characters are left out, since those are refused anyway.
 */
const packageName = "@zxcvbn-ts/language-common";
const require = createRequire(import.meta.url);
const { dictionary } = require(packageName) as { dictionary: Record<string, string[]> };
const licence = readFileSync(new URL("../LICENSE.txt", `file://${require.resolve(packageName)}`), "utf8");

const words = (dictionary["passwords-common"] ?? [])
  .filter((word) => word.length >= 8 && word === word.toLowerCase())
  .slice(0, 10_000)
  .sort();

const lines = [
  `// Made by infra/local/common-passwords/main.ts from ${packageName}, whose licence (MIT) is:`,
  ...licence
    .trim()
    .split("\n")
    .map((line) => `// ${line}`.trimEnd()),
  `export const commonPasswords = ${JSON.stringify(compress(words))};`,
];
const file = fileURLToPath(
  new URL("../../../core/domain/accounts/common-passwords.generated.ts", import.meta.url),
);
writeFileSync(file, `${lines.join("\n")}\n`);
console.log(`${words.length} passwords written to ${file}`);
