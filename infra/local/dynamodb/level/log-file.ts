import { crc32c, unmask } from "./crc32c.ts";

const blockBytes = 32 * 1024;
const headerBytes = 7;
/** A record that is whole, or the first part of one that goes on in the next block. */
const full = 1;
const first = 2;
const last = 4;

type Part = { readonly type: number; readonly data: Uint8Array; readonly next: number };

/** What a log file holds, and what is wrong with it. */
export type LogContents = {
  readonly records: readonly Uint8Array[];
  /** The first place where bytes are no record. */
  readonly damage?: {
    readonly at: number;
    /** Whether records begin after that place. Each write waits until the one before is on the disk, so that one was. */
    readonly isLoss: boolean;
    /** Whether the file ends before the record does, as a write is left that a kill or a power cut came into. */
    readonly isTorn: boolean;
  };
};

/**
 * Reads the records of a log file (`*.log`, `MANIFEST-*`; doc/log_format.md of google/leveldb) and verifies their
 * checksums. Those of a block that follow a damaged one in it are looked for.
 */
export function readLog(file: Uint8Array): LogContents {
  const records: Uint8Array[] = [];
  let parts: Uint8Array[] = [];
  let damagedAt: number | undefined;
  let isLoss = false;
  for (const { at, part } of readParts(file)) {
    if (!part) {
      damagedAt ??= at;
      parts = [];
      continue;
    }
    const begins = part.type === full || part.type === first;
    if (begins) parts = [];
    isLoss ||= begins && damagedAt !== undefined;
    if (!begins && parts.length === 0) continue;
    parts.push(part.data);
    if (part.type === full || part.type === last) records.push(Buffer.concat(parts));
  }
  return damagedAt === undefined ? { records } : { records, damage: describe(file, damagedAt, isLoss) };
}

/** Every part of a record in order, and where there is none though bytes are there. */
function* readParts(file: Uint8Array): Generator<{ readonly at: number; readonly part: Part | undefined }> {
  for (let block = 0; block < file.length; block += blockBytes) {
    const end = Math.min(block + blockBytes, file.length);
    let at = block;
    for (let part = readPart(file, at, end); part; part = readPart(file, at, end)) {
      yield { at, part };
      at = part.next;
    }
    if (at + headerBytes > end) continue;
    yield { at, part: undefined };
    for (let part = findPart(file, at + 1, end); part; part = readPart(file, part.next, end))
      yield { at, part };
  }
}

function describe(file: Uint8Array, at: number, isLoss: boolean) {
  const { length, type } = readHeader(file, at);
  const isTorn = at + headerBytes + length > file.length || (type === 0 && length === 0);
  return { at, isLoss, isTorn };
}

/** The next part in the block: a length that is damaged does not lead to it. */
function findPart(file: Uint8Array, from: number, end: number): Part | undefined {
  for (let at = from; at + headerBytes <= end; at++) {
    const part = readPart(file, at, end);
    if (part) return part;
  }
  return undefined;
}

function readPart(file: Uint8Array, at: number, end: number): Part | undefined {
  if (at + headerBytes > end) return undefined;
  const { length, type, checksum } = readHeader(file, at);
  const next = at + headerBytes + length;
  if (next > end || type < full || type > last) return undefined;
  if (crc32c(file.subarray(at + 6, next)) !== checksum) return undefined;
  return { type, data: file.subarray(at + headerBytes, next), next };
}

function readHeader(file: Uint8Array, at: number) {
  const view = new DataView(file.buffer, file.byteOffset + at, headerBytes);
  return {
    checksum: unmask(view.getUint32(0, true)),
    length: view.getUint16(4, true),
    type: view.getUint8(6),
  };
}
