import type { StoredObject } from "./pointers.ts";

/** What listings and sweeps need of an object; 50,000 of them take some 20 MB. */
export type ListedObject = Pick<StoredObject, "key" | "file" | "size" | "etag" | "lastModified">;

/** The objects of one bucket by key, in the order of the keys' UTF-8 bytes. */
export type KeyIndex = {
  set(object: ListedObject): void;
  delete(key: string): void;
  /** Objects whose key is `from` or comes after it. */
  startingAt(from: string): Iterable<ListedObject>;
};

export function createKeyIndex(initial: Iterable<ListedObject>): KeyIndex {
  const objects = new Map(Array.from(initial, (object) => [object.key, object]));
  const keys = [...objects.keys()].sort(compareKeys);

  /** Where the key is, or would be. */
  function positionOf(key: string): number {
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(keys[middle] ?? "", key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  return {
    set(object) {
      if (!objects.has(object.key)) keys.splice(positionOf(object.key), 0, object.key);
      objects.set(object.key, object);
    },
    delete(key) {
      if (objects.delete(key)) keys.splice(positionOf(key), 1);
    },
    *startingAt(from) {
      for (let at = positionOf(from); at < keys.length; at++) {
        const object = objects.get(keys[at] ?? "");
        if (object) yield object;
      }
    },
  };
}

/** The order of the UTF-8 bytes, without making them. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const difference = utf8Order(a.charCodeAt(at)) - utf8Order(b.charCodeAt(at));
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** In UTF-16 surrogates come before U+E000 to U+FFFF; the characters that they stand for come after. */
function utf8Order(unit: number): number {
  if (unit < 0xd800) return unit;
  return unit < 0xe000 ? unit + 0x2000 : unit - 0x800;
}
