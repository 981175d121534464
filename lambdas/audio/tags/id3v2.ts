import { inflateSync } from "node:zlib";
import { type RawFrame, readFrames } from "./id3v2-frames.ts";
import { plainTextFrame } from "./legacy-text.ts";
import { syncSafe } from "./tag-ranges.ts";

/** What the compressed frames of a tag may become together (bytes): the largest are pictures. */
const maxInflatedBytes = 32 * 2 ** 20;
/** Far more than is shown of any text (bytes). */
const maxTextBytes = 2 ** 16;
/** Texts, pictures, lyrics and ids of songs, by the names of all versions. Nothing else is used of a tag. */
const used = /^(T[A-Z0-9]+|APIC|PIC|USLT|ULT|UFID|UFI)$/;
/** Of one text; those of two begin each with an encoding of its own. */
const isText = /^T(?!XX)/;

/**
 * An ID3v2 tag written plainly, for music-metadata 12: that reads neither tags that are unsynchronised as a whole, nor
 * sizes of the other version, nor compressed frames, and one frame that it cannot read costs all of them. Version 3 becomes
 * version 4, whose texts are not taken apart at slashes: `splitSlashes` knows which of them separate.
 * @param tag from its header on
 * @param seen ids of frames that tags before it had, which are left out; those of this one are added
 * @returns no bytes where it is of no known version
 */
export function plainId3v2(tag: Buffer, seen = new Set<string>()): Buffer {
  const version = tag[3];
  const flags = tag[5] ?? 0;
  if (version !== 2 && version !== 3 && version !== 4) return Buffer.alloc(0);
  const written = version === 3 ? 4 : version;
  const isUnsynchronised = (flags & 0x80) !== 0;
  const stored = tag.subarray(10, 10 + (syncSafe(tag, 6) ?? 0));
  // Before version 4 the whole tag is; from then on each frame.
  const whole = isUnsynchronised && version < 4 ? synchronise(stored) : stored;
  const body = flags & 0x40 && version > 2 ? whole.subarray(extendedHeaderBytes(whole, version)) : whole;
  const wanted = readFrames(body, version).filter(({ id }) => used.test(id) && !seen.has(id));
  const inflate = createInflater(maxInflatedBytes);
  const frames = wanted.flatMap((frame) => {
    const data = plainData(frame, { version, isTagUnsynchronised: isUnsynchronised, inflate });
    if (!data || data.length === 0) return [];
    return [
      { id: frame.id, data: isText.test(frame.id) ? plainTextFrame(data.subarray(0, maxTextBytes)) : data },
    ];
  });
  for (const { id } of wanted) seen.add(id);
  return writeId3v2(written, frames);
}

/** A tag of frames as they are to be read: without flags, each with its size as the version has it. */
export function writeId3v2(version: 2 | 4, frames: readonly Pick<RawFrame, "id" | "data">[]): Buffer {
  const written = frames.map(({ id, data }) => frameOf(id, data, version));
  return Buffer.concat([tagHeader(version, sum(written)), ...written]);
}

/** Takes out the zeros that stand behind each 0xff (ID3v2.4 structure, 6.1). */
function synchronise(bytes: Buffer): Buffer {
  const plain = Buffer.alloc(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; at++) {
    plain[length++] = bytes[at] ?? 0;
    if (bytes[at] === 0xff && bytes[at + 1] === 0) at += 1;
  }
  return plain.subarray(0, length);
}

/** A tag may say that it is unsynchronised and not be so: then a sync pattern is left in it. */
const isSynchronised = (bytes: Buffer): boolean =>
  bytes.some((byte, at) => byte === 0xff && (bytes[at + 1] ?? 0) >= 0xe0);

/** Version 3 does not count the four bytes of the size (3.2); version 4 does, in 7 bits a byte (3.2). */
function extendedHeaderBytes(body: Buffer, version: number): number {
  if (body.length < 4) return body.length;
  return version === 3 ? 4 + body.readUInt32BE(0) : (syncSafe(body, 0) ?? 0);
}

/** @returns what throws where all that it has made would be larger than `left` bytes */
function createInflater(left: number): (data: Buffer) => Buffer {
  return (data) => {
    const plain = inflateSync(data, { maxOutputLength: left });
    left -= plain.length;
    return plain;
  };
}

type Tag = {
  readonly version: number;
  readonly isTagUnsynchronised: boolean;
  readonly inflate: (data: Buffer) => Buffer;
};

/** @returns undefined where it is encrypted, or what it says of itself is not so */
function plainData(frame: RawFrame, { version, isTagUnsynchronised, inflate }: Tag): Buffer | undefined {
  const { extraBytes, isCompressed, isEncrypted, isUnsynchronised } = readFormat(frame.format, version);
  if (isEncrypted) return undefined;
  const isMarked = isUnsynchronised || (version === 4 && isTagUnsynchronised);
  const stored = isMarked && !isSynchronised(frame.data) ? synchronise(frame.data) : frame.data;
  const data = stored.subarray(extraBytes);
  try {
    return isCompressed ? inflate(data) : data;
  } catch {
    return undefined;
  }
}

/** The flags of a frame (2.3: 3.3.1; 2.4: 4.1.2), and how many bytes they put before its data. */
function readFormat(format: number, version: number) {
  const [compressed, encrypted, grouped, lengthTold, unsynchronised] =
    version === 3 ? [0x80, 0x40, 0x20, 0x80, 0] : [0x08, 0x04, 0x40, 0x01, 0x02];
  const has = (bit: number): boolean => (format & bit) !== 0;
  return {
    extraBytes: (has(lengthTold) ? 4 : 0) + (has(grouped) ? 1 : 0),
    isCompressed: has(compressed),
    isEncrypted: has(encrypted),
    isUnsynchronised: has(unsynchronised),
  };
}

const sum = (parts: readonly Buffer[]): number => parts.reduce((bytes, part) => bytes + part.length, 0);

function tagHeader(version: 2 | 4, sizeBytes: number): Buffer {
  return Buffer.concat([Buffer.from([0x49, 0x44, 0x33, version, 0, 0]), sevenBits(sizeBytes)]);
}

function frameOf(id: string, data: Buffer, version: 2 | 4): Buffer {
  const header = version === 2 ? [u24(data.length)] : [sevenBits(data.length), Buffer.alloc(2)];
  return Buffer.concat([Buffer.from(id, "latin1"), ...header, data]);
}

function u24(value: number): Buffer {
  const bytes = Buffer.alloc(3);
  bytes.writeUIntBE(value, 0, 3);
  return bytes;
}

const sevenBits = (value: number): Buffer =>
  Buffer.from([21, 14, 7, 0].map((shift) => (value >>> shift) & 0x7f));
