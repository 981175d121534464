const SERIAL_AT = 14;
const CRC_AT = 22;
const SEGMENTS_AT = 26;
const HEADER = 27;

/**
 * Gives every page of an Ogg stream one serial number, in place, and its checksum anew (RFC 3533, section 6).
 * Muxers draw the number at random, so that the same music would never be the same bytes.
 */
export function setOggSerial(bytes: Uint8Array, serial: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let page = 0; page < bytes.length; ) {
    const end = page + pageLength(bytes, page);
    view.setUint32(page + SERIAL_AT, serial, true);
    view.setUint32(page + CRC_AT, 0, true);
    view.setUint32(page + CRC_AT, checksum(bytes.subarray(page, end)), true);
    page = end;
  }
}

function pageLength(bytes: Uint8Array, page: number): number {
  const segments = bytes[page + SEGMENTS_AT] ?? 0;
  const lacing = bytes.subarray(page + HEADER, page + HEADER + segments);
  return HEADER + segments + lacing.reduce((sum, length) => sum + length, 0);
}

const TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index << 24;
  for (let bit = 0; bit < 8; bit++) value = value & 0x80000000 ? (value << 1) ^ 0x04c11db7 : value << 1;
  return value;
});

/** CRC-32 with the polynomial 0x04c11db7, not reflected, from 0. */
function checksum(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ byte] as number);
  return crc >>> 0;
}
