import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";

/** One page of an Ogg file (RFC 3533, 6). */
export type OggPage = ByteSpan & {
  readonly serial: number;
  readonly isFirst: boolean;
  /** Where the last packet ends that ends in it, in samples; -1 where none does. */
  readonly endSample: number;
  /** Where its content begins. */
  readonly content: number;
};

const headerBytes = 27;
const capture = Buffer.from("OggS\0");

/** The pages of a range, one behind the other; bytes between them are skipped, and so is a page that was cut off. */
export function* oggPages(file: FileReader, from: number, end: number): Generator<OggPage> {
  for (let at = from; at + headerBytes <= end; ) {
    const page = pageAt(file, at);
    if (page && page.end <= end) {
      yield page;
      at = page.end;
    } else {
      at = file.indexOf(capture, at + 1, end);
    }
  }
}

function pageAt(file: FileReader, start: number): OggPage | undefined {
  const header = file.read(start, headerBytes + 255);
  if (header.length < headerBytes || !capture.equals(header.subarray(0, 5))) return undefined;
  const segments = header.readUInt8(26);
  const content = start + headerBytes + segments;
  const bytes = header.subarray(headerBytes, headerBytes + segments).reduce((sum, size) => sum + size, 0);
  return {
    start,
    content,
    end: content + bytes,
    endSample: Number(header.readBigInt64LE(6)),
    serial: header.readUInt32LE(14),
    isFirst: (header.readUInt8(5) & 2) !== 0,
  };
}
