import { crc32 } from "node:zlib";

/** What is stored of a value: a mark, the checksum of key and JSON in 8 hexadecimal digits, and the JSON. */
const mark = "\u0001";
const headerLength = mark.length + 8;

/** A value that is not what was written. */
class DamagedValueError extends Error {
  readonly key: string;
  constructor(key: string) {
    super(`The value of ${JSON.stringify(key)} does not match its checksum`);
    this.name = "DamagedValueError";
    this.key = key;
  }
}

const checksum = (key: string, json: string): string => crc32(json, crc32(key)).toString(16).padStart(8, "0");

export function encodeValue(key: string, value: unknown): string {
  const json = JSON.stringify(value);
  return `${mark}${checksum(key, json)}${json}`;
}

/**
 * The value of a key. LevelDB's own checksums are of blocks, and its binding cannot ask for them when it reads.
 * Values of before there were checksums are bare JSON.
 * @throws DamagedValueError
 */
export function decodeValue(key: string, stored: string): unknown {
  const hasChecksum = stored.startsWith(mark);
  const json = hasChecksum ? stored.slice(headerLength) : stored;
  if (hasChecksum && stored.slice(mark.length, headerLength) !== checksum(key, json))
    throw new DamagedValueError(key);
  try {
    return JSON.parse(json);
  } catch {
    throw new DamagedValueError(key);
  }
}
