/** Rows of keys as they lie, each half a key further right than the one above. */
const layouts: readonly (readonly string[])[] = [
  ["`1234567890-=", " qwertyuiop[]", " asdfghjkl;'", " zxcvbnm,./"],
  ["^1234567890ß", " qwertzuiopü", " asdfghjklöä", " yxcvbnm,.-"],
  ["²1234567890", " azertyuiop", " qsdfghjklm", " wxcvbn,;:!"],
  ["^1234567890", " йцукенгшщзхъ", " фывапролджэ", " ячсмитьбю"],
  // The block of digits, where a key lies straight above another.
  ["789", "456", "123"],
];

const neighbours = layouts.map((rows) => neighboursOf(rows));

function neighboursOf(rows: readonly string[]): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [r, row] of rows.entries())
    for (const [c, key] of [...row].entries()) {
      if (key === " ") continue;
      const near = [row[c - 1], row[c + 1]].concat(
        [rows[r - 1], rows[r + 1]].flatMap((other) => [other?.[c - 1], other?.[c], other?.[c + 1]]),
      );
      map.set(key, near.filter((one) => one !== undefined && one !== " ").join(""));
    }
  return map;
}

/** How many characters from `start` on are a walk from key to key, on the keyboard where it goes furthest. */
export function walkLength(characters: readonly string[], start: number): number {
  return Math.max(...neighbours.map((near) => lengthOn(near, characters, start)));
}

function lengthOn(near: ReadonlyMap<string, string>, characters: readonly string[], start: number): number {
  let end = start + 1;
  while (end < characters.length) {
    const [from = "", to = ""] = [characters[end - 1], characters[end]];
    if (!near.get(from)?.includes(to)) break;
    end += 1;
  }
  return end - start;
}
