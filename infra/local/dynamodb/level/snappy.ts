/**
 * The bytes of a Snappy block (format_description.txt of google/snappy): a varint of their count, then literals
 * and copies of what came before.
 * @throws RangeError for a block that is not one
 */
export function unsnappy(block: Uint8Array): Uint8Array {
  const { value: size, next: start } = readVarint(block, 0);
  // A copy of 3 bytes makes at most 64.
  if (size > block.length * 64) throw new RangeError("A compressed block claims more than it can hold");
  const output = new Uint8Array(size);
  let from = start;
  let to = 0;
  while (from < block.length) {
    const { literal, offset = 0, length, next } = readElement(block, from);
    if (to + length > size) throw new RangeError("A compressed block is longer than it says");
    if (literal) output.set(slice(block, next, length), to);
    else {
      if (offset === 0 || offset > to) throw new RangeError("A compressed block copies from outside");
      for (let at = to; at < to + length; at++) output[at] = output[at - offset] as number;
    }
    to += length;
    from = literal ? next + length : next;
  }
  if (to !== size) throw new RangeError("A compressed block is shorter than it says");
  return output;
}

type Element = {
  readonly literal: boolean;
  readonly offset?: number;
  readonly length: number;
  readonly next: number;
};

function readElement(block: Uint8Array, at: number): Element {
  const tag = block[at] as number;
  const high = tag >>> 2;
  if ((tag & 3) === 0) {
    const extra = high < 60 ? 0 : high - 59;
    const length = (extra === 0 ? high : readLittle(block, at + 1, extra)) + 1;
    return { literal: true, length, next: at + 1 + extra };
  }
  if ((tag & 3) === 1) {
    const offset = ((tag >>> 5) << 8) | readLittle(block, at + 1, 1);
    return { literal: false, offset, length: (high & 7) + 4, next: at + 2 };
  }
  const width = (tag & 3) === 2 ? 2 : 4;
  return { literal: false, offset: readLittle(block, at + 1, width), length: high + 1, next: at + 1 + width };
}

function readLittle(block: Uint8Array, at: number, width: number): number {
  return slice(block, at, width).reduceRight((value, byte) => value * 256 + byte, 0);
}

/** @throws RangeError for bytes that are not all there */
export function slice(bytes: Uint8Array, at: number, length: number): Uint8Array {
  if (at < 0 || length < 0 || at + length > bytes.length) throw new RangeError("Bytes end too early");
  return bytes.subarray(at, at + length);
}

/** A little-endian number of 7 bits a byte, of at most 53 bits. */
export function readVarint(bytes: Uint8Array, at: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let read = 0; read < 8; read++) {
    const [byte = 0] = slice(bytes, at + read, 1);
    value += (byte & 0x7f) * 2 ** (7 * read);
    if (byte < 0x80) return { value, next: at + read + 1 };
  }
  throw new RangeError("A number is too long");
}
