import { readVarint, slice } from "./snappy.ts";

/** Which files of a LevelDB folder are in use. Others are left of work that was cut off, and are removed in time. */
export type LiveFiles = {
  /** Numbers of table files. */
  readonly tables: ReadonlySet<number>;
  /** Log files from this number on hold what no table has yet. */
  readonly firstLog: number;
};

/** A field of an edit: how many numbers follow its tag, and how many texts after them (db/version_edit.cc). */
const shapes: Readonly<Record<number, { readonly numbers: number; readonly texts: number }>> = {
  1: { numbers: 0, texts: 1 },
  2: { numbers: 1, texts: 0 },
  3: { numbers: 1, texts: 0 },
  4: { numbers: 1, texts: 0 },
  5: { numbers: 1, texts: 1 },
  6: { numbers: 2, texts: 0 },
  7: { numbers: 3, texts: 2 },
  9: { numbers: 1, texts: 0 },
};
const logNumber = 2;
const deletedFile = 6;
const newFile = 7;

/**
 * Applies the edits of a MANIFEST in order.
 * @throws RangeError for edits that cannot be read
 */
export function readLiveFiles(edits: readonly Uint8Array[]): LiveFiles {
  const tables = new Set<number>();
  let firstLog = 0;
  for (const edit of edits) {
    const fields = readFields(edit);
    // An edit may move a file from one level to another: what it removes goes first.
    for (const { tag, numbers } of fields) if (tag === deletedFile) tables.delete(numbers[1] ?? 0);
    for (const { tag, numbers } of fields) {
      if (tag === newFile) tables.add(numbers[1] ?? 0);
      if (tag === logNumber) firstLog = numbers[0] ?? 0;
    }
  }
  return { tables, firstLog };
}

type Field = { readonly tag: number; readonly numbers: readonly number[] };

function readFields(edit: Uint8Array): Field[] {
  const fields: Field[] = [];
  let at = 0;
  const number = () => {
    const { value, next } = readVarint(edit, at);
    at = next;
    return value;
  };
  while (at < edit.length) {
    const tag = number();
    const shape = shapes[tag];
    if (!shape) throw new RangeError(`the edit has an unknown field ${tag}`);
    const numbers = Array.from({ length: shape.numbers }, number);
    for (let text = 0; text < shape.texts; text++) {
      const length = number();
      slice(edit, at, length);
      at += length;
    }
    fields.push({ tag, numbers });
  }
  return fields;
}
