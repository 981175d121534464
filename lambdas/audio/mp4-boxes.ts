import { Damage } from "./damage.ts";

/** A file that is looked at in small pieces. */
export type FileBytes = {
  readonly sizeBytes: number;
  /** @throws Damage where the file ends before */
  view(offset: number, length: number): DataView;
};

/** One box (ISO/IEC 14496-12, 4.2) by its places in the file (bytes). */
export type Box = {
  readonly name: string;
  readonly start: number;
  readonly content: number;
  readonly end: number;
};

export const damaged = (what: string): Damage => new Damage(`The file is damaged: ${what}`);

export const named = (file: FileBytes, parent: Box, name: string): Box[] =>
  [...children(file, parent)].filter((box) => box.name === name);

/** The boxes inside of one. @throws Damage where one is larger than its parent */
export function* children(file: FileBytes, parent: Box): Generator<Box> {
  for (const box of boxesIn(file, parent.content, parent.end)) {
    if (box.end > parent.end) throw damaged("one of its parts is larger than what it lies in");
    yield box;
  }
}

/** The boxes of a range, until one makes no sense; the last may end beyond it. */
export function* boxesIn(file: FileBytes, from: number, to: number): Generator<Box> {
  for (let start = from; start + 8 <= to; ) {
    const view = file.view(start, Math.min(16, to - start));
    const short = view.getUint32(0);
    if (short === 1 && view.byteLength < 16) return;
    const sizeBytes = short === 0 ? to - start : short === 1 ? Number(view.getBigUint64(8)) : short;
    const header = short === 1 ? 16 : 8;
    if (sizeBytes < header) return;
    yield { name: textAt(view, 4), start, content: start + header, end: start + sizeBytes };
    start += sizeBytes;
  }
}

export const textAt = (view: DataView, offset: number): string =>
  String.fromCharCode(...[0, 1, 2, 3].map((at) => view.getUint8(offset + at)));
