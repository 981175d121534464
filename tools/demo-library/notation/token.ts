import { NotationError } from "./pitch.ts";

/** What sounds and for how many beats. */
export type Token = { name: string; beats: number };

const LENGTH = /^(\d*\.?\d+)(?:\/(\d+))?$/;

/** Sums of lengths such as 1/3 are equal when they differ by less than this many beats. */
export const TOLERANCE = 1e-6;

/** The words of a text. */
export function wordsOf(text: string): string[] {
  return text.split(/\s+/).filter((word) => word !== "");
}

/** Reads `name:length`; a word without a length has that of the one before. */
export function readToken(word: string, previousBeats: number): Token {
  const [name = "", length, ...rest] = word.split(":");
  if (rest.length > 0 || name === "") throw new NotationError(`"${word}" is not a note`);
  return { name, beats: length === undefined ? previousBeats : toBeats(length) };
}

/** Reads a row of tokens; the first is one beat long where it does not say. */
export function readTokens(text: string): Token[] {
  let beats = 1;
  return wordsOf(text).map((word) => {
    const token = readToken(word, beats);
    beats = token.beats;
    return token;
  });
}

/** The number of beats in `1.5` or `1/3`. */
function toBeats(text: string): number {
  const [, over = "", under = "1"] = LENGTH.exec(text) ?? [];
  const beats = Number(over) / Number(under);
  if (over === "" || !(beats > 0 && beats < 100)) throw new NotationError(`":${text}" is not a length`);
  return beats;
}
