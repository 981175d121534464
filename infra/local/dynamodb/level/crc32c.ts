/** The checksum of LevelDB's files (CRC-32C, Castagnoli); Node has only CRC-32. Four bytes at a time. */
const polynomial = 0x82f63b78;

const [t0, t1, t2, t3] = makeTables();

function makeTables(): readonly [Int32Array, Int32Array, Int32Array, Int32Array] {
  const first = Int32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1;
    return crc;
  });
  const advance = (table: Int32Array) => table.map((crc) => (crc >>> 8) ^ (first[crc & 0xff] as number));
  const second = advance(first);
  const third = advance(second);
  return [first, second, third, advance(third)];
}

/** @returns the checksum of some bytes, or of those that `before` is the checksum of and these */
export function crc32c(bytes: Uint8Array, before = 0): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const words = bytes.length & ~3;
  let crc = ~before;
  for (let at = 0; at < words; at += 4) {
    crc ^= view.getInt32(at, true);
    crc =
      (t3[crc & 0xff] as number) ^
      (t2[(crc >>> 8) & 0xff] as number) ^
      (t1[(crc >>> 16) & 0xff] as number) ^
      (t0[crc >>> 24] as number);
  }
  for (let at = words; at < bytes.length; at++)
    crc = (crc >>> 8) ^ (t0[(crc ^ (bytes[at] as number)) & 0xff] as number);
  return ~crc >>> 0;
}

/** LevelDB stores checksums masked, since a checksum of bytes that hold checksums says little. */
export function unmask(masked: number): number {
  const rotated = (masked - 0xa282ead8) >>> 0;
  return ((rotated >>> 17) | (rotated << 15)) >>> 0;
}
