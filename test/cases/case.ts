import type { Song } from "../../core/contract/catalogue.ts";
import type { Imported, Stage } from "./stage.ts";

export type Outcome = { readonly ok: boolean; readonly came: string };

export type Case = {
  /** The folder of its files, where it has any. */
  readonly name: string;
  /** What is right, for the table. */
  readonly right: string;
  readonly attempt: (stage: Stage) => Promise<Outcome>;
};

/** Right where what came reads as what is right. */
export const same = (came: string, right: string): Outcome => ({ ok: came === right, came });

/** Lengths are told to a tenth of a second. */
export const seconds = (value: number): string => `${value.toFixed(1)} s`;

/** Songs in words, in the order of their titles. */
export const listed = (songs: readonly Song[], describe: (song: Song) => string): string =>
  songs
    .toSorted((a, b) => (a.title < b.title ? -1 : 1))
    .map(describe)
    .join("; ");

/** The lines in which an import tells of a file. */
export const linesOf = ({ output }: Imported, name: string): string =>
  output
    .split("\n")
    .filter((line) => line.includes(name))
    .join(" ");

/** An import that ended by something it did not expect. */
export const hasCrashed = ({ code, output }: Imported): boolean =>
  code === 2 || /^\s+at .+:\d+/m.test(output);
