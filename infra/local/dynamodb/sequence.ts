/**
 * Sequence numbers of stream records: digits only, all of one length, so that they sort as text. They are made of
 * the engine's start count, the time and a counter. The start count comes first and the time never goes back
 * within a start, so a clock set back cannot reorder records; the time tells which are old enough to drop.
 */
const startDigits = 7;
const timeDigits = 13;
const counterDigits = 6;

export type Sequence = {
  next(): string;
  /** The highest number given so far. */
  last(): string;
};

export function createSequence(start: number, now: () => number = Date.now): Sequence {
  let time = 0;
  let counter = 0;
  const current = () => `1${pad(start, startDigits)}${pad(time, timeDigits)}${pad(counter, counterDigits)}`;
  return {
    next() {
      time = Math.max(time, now());
      counter += 1;
      if (counter === 10 ** counterDigits) {
        time += 1;
        counter = 0;
      }
      return current();
    },
    last: current,
  };
}

/** When the number was given, in milliseconds since the epoch. */
export const timeOfSequence = (sequence: string): number =>
  Number(sequence.slice(1 + startDigits, 1 + startDigits + timeDigits));

/** Whether a consumer's place is one: empty, or a number of a time that has been. A day is allowed for clocks. */
export const isPlace = (value: unknown): boolean =>
  typeof value === "string" &&
  (value === "" || (/^1\d{26}$/.test(value) && timeOfSequence(value) < Date.now() + 86_400_000));

/** The start of the engine that gave the number; 0 for none. */
export const startOfSequence = (sequence: string): number => Number(sequence.slice(1, 1 + startDigits)) || 0;

/** What sorts before every number of later starts of the engine, and after every one of the number's own. */
export const startOfNext = (sequence: string): string =>
  `1${pad(startOfSequence(sequence) + 1, startDigits)}`;

const pad = (value: number, digits: number): string => String(value).padStart(digits, "0");
