import { walkLength } from "./keyboard.ts";

/** What a password is made of, as one who guesses sees it: each piece is one guess, however long it is. */
export type Piece = {
  readonly kind: "own" | "common" | "pattern" | "character";
  readonly text: string;
};

/** What one who guesses knows. */
export type Vocabulary = {
  /** Words of the person and of the product. */
  readonly own: ReadonlySet<string>;
  /** Words that many passwords are made of. */
  readonly common: { has(word: string): boolean };
};

const longestCommonWord = 24;
const shortestWord = 3;
/** A sequence, walk or repetition of fewer characters is chance. */
const shortestPattern = 3;

/** The best way to make up a start of the password: how many pieces, and the last of them. */
type Way = { readonly count: number; readonly start: number; readonly kind: Piece["kind"] };

/** The fewest pieces that make up a password in lower case. */
export function piecesOf(password: string, vocabulary: Vocabulary): readonly Piece[] {
  const characters = [...password];
  const wordsFrom = wordFinder(characters, vocabulary);
  const ways: Way[] = [];
  for (let start = 0; start < characters.length; start++) {
    const count = (start === 0 ? 0 : (ways[start]?.count ?? 0)) + 1;
    for (const { length, kind } of [...wordsFrom(start), ...patternsFrom(characters, start)]) {
      const known = ways[start + length];
      if (!known || known.count > count) ways[start + length] = { count, start, kind };
    }
  }
  const pieces: Piece[] = [];
  for (let end = characters.length; end > 0; end = ways[end]?.start ?? 0) {
    const { start = 0, kind = "character" } = ways[end] ?? {};
    pieces.unshift({ kind, text: characters.slice(start, end).join("") });
  }
  return pieces;
}

type Found = { readonly length: number; readonly kind: Piece["kind"] };

function patternsFrom(characters: readonly string[], start: number): Found[] {
  const longest = Math.max(
    ...[sequenceLength, walkLength, repeatLength, dateLength].map((of) => of(characters, start)),
  );
  const found: Found[] = [];
  for (let length = shortestPattern; length <= longest; length++) found.push({ length, kind: "pattern" });
  return [...found, { length: 1, kind: "character" }];
}

const letterOf: Readonly<Record<string, string>> = {
  "0": "o",
  "3": "e",
  "4": "a",
  "5": "s",
  "7": "t",
  "8": "b",
  "9": "g",
  "@": "a",
  $: "s",
  "€": "e",
  "(": "c",
  "+": "t",
};
/** These are written for two letters. */
const doubtful = /^[1!|]$/;

/** Finds the words that begin somewhere: as they are, and as they read where digits and signs stand for letters. */
function wordFinder(characters: readonly string[], { own, common }: Vocabulary): (start: number) => Found[] {
  const read = characters.map((character) => letterOf[character] ?? character);
  // Each character is as long in all spellings, so one table says where it begins.
  const spellings = [
    characters,
    ...["l", "i"].map((letter) => read.map((one) => (doubtful.test(one) ? letter : one))),
  ].map((spelling) => spelling.join(""));
  const offsets = startsOf(characters, ({ length }) => length);
  const letters = startsOf(characters, (character) => (/\p{L}/u.test(character) ? 1 : 0));
  const ownLengths = [...new Set([...own].map((word) => [...word].length))];

  const isIn = (words: Vocabulary["common"], start: number, length: number): boolean => {
    const end = start + length;
    // Digits alone stand for themselves.
    const isRead = (letters[end] ?? 0) - (letters[start] ?? 0) >= 2;
    return spellings.some(
      (spelling, at) => (at === 0 || isRead) && words.has(spelling.slice(offsets[start], offsets[end])),
    );
  };
  return (start) => {
    const left = characters.length - start;
    const found: Found[] = ownLengths
      .filter((length) => length <= left && isIn(own, start, length))
      .map((length) => ({ length, kind: "own" }));
    for (let length = shortestWord; length <= Math.min(left, longestCommonWord); length++)
      if (isIn(common, start, length)) found.push({ length, kind: "common" });
    return found;
  };
}

/** For each character the sum of what those before it measure, and for the end the sum of all. */
function startsOf(characters: readonly string[], measure: (character: string) => number): readonly number[] {
  const sums = [0];
  for (const character of characters) sums.push((sums.at(-1) ?? 0) + measure(character));
  return sums;
}

/** `abc`, `4321`, `2468`, `890123`: each character as far from the one before, by one or two. */
function sequenceLength(characters: readonly string[], start: number): number {
  const step = stepAt(characters, start);
  if (step === 0 || Math.abs(step) > 2) return 1;
  let end = start + 2;
  while (end < characters.length && stepAt(characters, end - 1) === step) end += 1;
  return end - start;
}

function stepAt(characters: readonly string[], at: number): number {
  const [one, next] = [characters[at], characters[at + 1]];
  if (one === undefined || next === undefined) return 0;
  if (one === "9" && next === "0") return 1;
  if (one === "0" && next === "9") return -1;
  return (next.codePointAt(0) ?? 0) - (one.codePointAt(0) ?? 0);
}

/** `aaa`, `ababab`, `abcabcabc`: up to four characters, three times or more. */
function repeatLength(characters: readonly string[], start: number): number {
  let longest = 1;
  for (let unit = 1; unit <= 4; unit++) {
    let end = start + unit;
    while (end < characters.length && characters[end] === characters[end - unit]) end += 1;
    const whole = Math.floor((end - start) / unit) * unit;
    if (whole >= 3 * unit) longest = Math.max(longest, whole);
  }
  return longest;
}

const day = "(?:0[1-9]|[12]\\d|3[01])";
const month = "(?:0[1-9]|1[0-2])";
const year = "(?:19|20)\\d\\d";
const shortDay = "(?:[12]\\d|3[01]|0?[1-9])";
const shortMonth = "(?:1[0-2]|0?[1-9])";
const dates: readonly RegExp[] = [
  `${year}(?:${month}${day})?`,
  `${day}${month}(?:19|20)?\\d\\d`,
  `${month}${day}(?:19|20)?\\d\\d`,
  `${year}([-./ ])${shortMonth}\\1${shortDay}`,
  `${shortDay}([-./ ])${shortMonth}\\1(?:19|20)?\\d\\d`,
  `${shortMonth}([-./ ])${shortDay}\\1(?:19|20)?\\d\\d`,
].map((pattern) => new RegExp(`^${pattern}`));
const longestDate = 10;

/** A year, or a day of one in any usual order. */
function dateLength(characters: readonly string[], start: number): number {
  const text = characters.slice(start, start + longestDate).join("");
  return Math.max(1, ...dates.map((pattern) => pattern.exec(text)?.[0].length ?? 1));
}
