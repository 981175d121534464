import { createRequire } from "node:module";
import { expect, it } from "vitest";
import { requireGoodPassword } from "../../../../core/domain/accounts/password-rules.ts";
import { DomainError } from "../../../../core/domain/errors.ts";

const owner = { email: "jane.doe@acme-music.example", userName: "Jane Q. Doe" };

/** Why a password is refused; undefined where it is taken. */
function refusalOf(password: string): string | undefined {
  try {
    requireGoodPassword(password, owner);
    return undefined;
  } catch (error) {
    if (error instanceof DomainError && error.kind === "weak-password") return error.message;
    throw error;
  }
}

const short = /^Use at least 8 characters$/;
const blank = /^Use characters that can be seen/;
const repeats = /^It repeats a few characters/;
const own = /^It is little more than your name, your address or Encore's/;
const common = /^It is little more than a word that is tried first/;
const pattern = /^It is little more than a sequence, a row of keys, a date or a repetition/;

const refused: [RegExp, string[]][] = [
  [short, ["short77", "\u{1f3b5}\u{1f3b8}", ""]],
  [blank, [" ".repeat(8), "\u3000".repeat(9), "\u00a0\u2003 \u00a0\u2003 \u00a0\u2003", "\u200b".repeat(8)]],
  [
    repeats,
    [
      "00000000",
      "abcabcabc",
      "asdfasdf",
      "xk9qxk9q",
      "zaq1zaq1",
      "encoreencore",
      "marymarymaryma",
      "xk9qxk9qx",
      "\u4f60\u597d\u4f60\u597d\u4f60\u597d\u4f60\u597d",
    ],
  ],
  [
    pattern,
    [
      "87654321",
      "12345678",
      "abcdefgh",
      "hgfedcba",
      "7890123456",
      "13579111",
      "\u0430\u0431\u0432\u0433\u0434\u0435\u0436\u0437",
    ],
  ],
  [
    pattern,
    [
      "qwertyuiop",
      "poiuytrewq",
      "1q2w3e4r",
      "1qaz2wsx",
      "789456123",
      "147258369",
      "\u0439\u0446\u0443\u043a\u0435\u043d\u0433\u0448",
      "QWERTZUI",
    ],
  ],
  [pattern, ["19901224", "24.12.1990", "12/24/1990", "2024-12-24", "24121990"]],
  [pattern, ["aaaaaaab", "11112222", "aabbccdd", "112233445566", "ABCD!234", "abcd1234", "abab1212"]],
  [
    common,
    [
      "password1",
      "PASSWORD1",
      "Passw0rd!",
      "P@$$w0rd1",
      "p4ssw0rd123",
      "1password",
      "drowssap",
      "password password",
    ],
  ],
  [
    common,
    [
      "Summer2024!",
      "monkey123",
      "dragon99",
      "!welcome!",
      "football2023",
      "trustno1",
      "iloveyou!",
      "l3tme1n!",
      "\uff50\uff41\uff53\uff53\uff57\uff4f\uff52\uff44",
      "\u043f\u0430\u0440\u043e\u043b\u044c12",
    ],
  ],
  [own, ["encore123", "Encore!!", "3nc0re2024", "ENCORE-1"]],
  [
    own,
    [
      owner.email,
      "jane.doe",
      "JaneDoe2024",
      "jane.doe1",
      "Jane Q. Doe",
      "doejane1",
      "acme-music1",
      "eod.enaj",
      "j4ne!d0e",
      "janeqdoejaneqd",
    ],
  ],
];
it.each(refused.flatMap(([why, passwords]) => passwords.map((password) => [password, why] as const)))(
  "%j is refused: %s",
  (password, why) => {
    expect(refusalOf(password)).toMatch(why);
  },
);

it.each([
  "a battery and a staple",
  "correcthorsebatterystaple",
  "four words long enough",
  "Jane likes tall ships",
  "another password for encore",
  "tr0ub4dor&3",
  "nZq83hf7",
  "vk2jhf9w",
  "83926174",
  "p\u00e4sswort mit \u{1f3b5} und \u65e5\u672c\u8a9e",
  "\u6211\u559c\u6b22\u542c\u97f3\u4e50\u5728\u665a\u4e0a",
  "\u{1f3b5}\u{1f3b8}\u{1f941}\u{1f3b7}\u{1f3ba}\u{1f3bb}\u{1fa95}\u{1f3b9}",
  `${" ".repeat(70)}and then something rare`,
])("%j is taken", (password) => {
  expect(refusalOf(password)).toBeUndefined();
});

it("The 10,000 commonest that are long enough are refused", () => {
  const require = createRequire(import.meta.url);
  const { dictionary } = require("@zxcvbn-ts/language-common") as { dictionary: Record<string, string[]> };
  const commonest = (dictionary["passwords-common"] ?? [])
    .filter((word) => word.length >= 8)
    .slice(0, 10_000);
  expect(commonest.length).toBe(10_000);
  // Every tenth: all of them take longer than a test may.
  const some = commonest.filter((_, at) => at % 10 === 0);
  expect(some.filter((password) => refusalOf(password) === undefined)).toEqual([]);
});
