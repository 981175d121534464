/** The header of one FLAC frame (RFC 9639, 9.1). */
export type FlacFrame = {
  /** Of the frame; or of its first sample, where blocks have several sizes. */
  readonly number: number;
  readonly isVariable: boolean;
  readonly samples: number;
};

/** The longest header (bytes). */
export const maxHeaderBytes = 16;

/** @returns undefined where there is none: bytes that look like its beginning occur in audio */
export function parseFlacFrame(bytes: Buffer): FlacFrame | undefined {
  const [sync = 0, blocking = 0, sizes = 0, channels = 0] = bytes;
  if (sync !== 0xff || (blocking & 0xfe) !== 0xf8) return undefined;
  const [sizeCode, rateCode] = [sizes >> 4, sizes & 15];
  // Reserved: block size 0, sample rate 15, channels from 11 on, 3 for the bits of a sample, the last bit.
  if (sizeCode === 0 || rateCode === 15 || channels >> 4 > 10) return undefined;
  if ((channels & 1) !== 0 || ((channels >> 1) & 7) === 3) return undefined;
  const number = parseCodedNumber(bytes, 4);
  if (!number) return undefined;
  const rateAt = number.end + (extraBytes[sizeCode] ?? 0);
  const end = rateAt + ({ 12: 1, 13: 2, 14: 2 }[rateCode] ?? 0);
  if (end >= bytes.length || crc8(bytes, end) !== bytes[end]) return undefined;
  const samples = blockSize(sizeCode, bytes, number.end);
  return { number: number.value, isVariable: (blocking & 1) === 1, samples };
}

const extraBytes: Readonly<Record<number, number>> = { 6: 1, 7: 2 };

/** RFC 9639, 9.1.1. */
function blockSize(code: number, bytes: Buffer, at: number): number {
  if (code === 1) return 192;
  if (code < 6) return 144 << code;
  if (code === 6) return (bytes[at] ?? 0) + 1;
  return code === 7 ? bytes.readUInt16BE(at) + 1 : 1 << code;
}

/** Like UTF-8, up to 36 bits in seven bytes (RFC 9639, 9.1.5). */
function parseCodedNumber(bytes: Buffer, at: number): { value: number; end: number } | undefined {
  const first = bytes[at] ?? 0xff;
  const ones = Math.clz32(~(first << 24));
  if (ones === 1 || ones === 8) return undefined;
  const length = Math.max(ones, 1);
  let value = first & (0x7f >> ones);
  for (let next = at + 1; next < at + length; next++) {
    const byte = bytes[next] ?? 0;
    if (byte >> 6 !== 2) return undefined;
    value = value * 64 + (byte & 0x3f);
  }
  return { value, end: at + length };
}

/** x^8 + x^2 + x + 1 (RFC 9639, 9.1.8). */
function crc8(bytes: Buffer, length: number): number {
  let crc = 0;
  for (let at = 0; at < length; at++) {
    crc ^= bytes[at] ?? 0;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? 0x07 : 0)) & 0xff;
  }
  return crc;
}
