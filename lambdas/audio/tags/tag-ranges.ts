import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";

/** The tags that are put before and behind audio of any container. */
export type TagRange = ByteSpan & { readonly kind: "id3v2" | "ape" | "lyrics3" | "id3v1" };

const textAt = (file: FileReader, at: number, length: number): string =>
  at < 0 ? "" : file.read(at, length).toString("latin1");

/** A tag that begins here: ID3v2, or APEv2 with a header. */
export function tagAt(file: FileReader, start: number): TagRange | undefined {
  const header = file.read(start, 32);
  const name = header.toString("latin1", 0, 8);
  if (name.startsWith("ID3") && header.length >= 10) {
    const size = syncSafe(header, 6);
    // Version 4 may repeat its header at the end.
    const footer = (header[5] ?? 0) & 0x10 ? 10 : 0;
    if (size !== undefined && (header[3] ?? 0xff) < 0xff)
      return { kind: "id3v2", start, end: start + 10 + size + footer };
  }
  if (name === "APETAGEX" && header.length === 32)
    return { kind: "ape", start, end: start + 32 + header.readUInt32LE(12) };
  return undefined;
}

/** Four bytes of seven bits (ID3v2.4 structure, 6.2). */
export function syncSafe(bytes: Buffer, at: number): number | undefined {
  if (bytes.readUInt32BE(at) & 0x80808080) return undefined;
  return [0, 1, 2, 3].reduce((sum, byte) => sum * 128 + (bytes[at + byte] ?? 0), 0);
}

/** More than any program writes. */
const maxTags = 16;

/** The tags at the end of a file, the last one last, and where what is before them ends. */
export function trailingTags(file: FileReader): { readonly end: number; readonly tags: TagRange[] } {
  const tags: TagRange[] = [];
  let end = file.sizeBytes;
  for (let tag = lastTag(file, end); tag && tags.length < maxTags; tag = lastTag(file, end)) {
    tags.unshift(tag);
    end = tag.start;
  }
  return { end, tags };
}

/** Some programs pad with zeros behind a tag. */
function lastTag(file: FileReader, end: number): TagRange | undefined {
  const padded = () => endOfZeros(file, end);
  return tagBefore(file, end) ?? tagBefore(file, padded());
}

/** Nobody pads by more (bytes). */
const maxPadding = 2 ** 20;

function endOfZeros(file: FileReader, end: number): number {
  const tail = file.read(end - Math.min(maxPadding, end), Math.min(maxPadding, end));
  const last = tail.findLastIndex((byte) => byte !== 0);
  return end - tail.length + last + 1;
}

function tagBefore(file: FileReader, end: number): TagRange | undefined {
  const found =
    id3v1Before(file, end) ?? apeBefore(file, end) ?? lyrics3Before(file, end) ?? id3v2Before(file, end);
  return found && found.start >= 0 && found.start < end ? found : undefined;
}

/** 128 bytes, and 227 more where it is the enhanced tag. */
function id3v1Before(file: FileReader, end: number): TagRange | undefined {
  if (textAt(file, end - 128, 3) !== "TAG") return undefined;
  const start = textAt(file, end - 355, 4) === "TAG+" ? end - 355 : end - 128;
  return { kind: "id3v1", start, end };
}

/** The footer's size is without the header, which APEv1 has not. */
function apeBefore(file: FileReader, end: number): TagRange | undefined {
  if (textAt(file, end - 32, 8) !== "APETAGEX") return undefined;
  const footer = file.read(end - 32, 32);
  const header = footer.readUInt32LE(20) & 0x80000000 ? 32 : 0;
  return { kind: "ape", start: end - footer.readUInt32LE(12) - header, end };
}

/** Lyrics3v2 says its size in six digits; the first version has at most 5,100 bytes of text. */
function lyrics3Before(file: FileReader, end: number): TagRange | undefined {
  const name = textAt(file, end - 9, 9);
  if (name === "LYRICS200")
    return { kind: "lyrics3", start: end - 15 - Number(textAt(file, end - 15, 6)), end };
  if (name !== "LYRICSEND") return undefined;
  const from = Math.max(0, end - 5_120);
  const at = textAt(file, from, end - from).indexOf("LYRICSBEGIN");
  return at < 0 ? undefined : { kind: "lyrics3", start: from + at, end };
}

function id3v2Before(file: FileReader, end: number): TagRange | undefined {
  if (textAt(file, end - 10, 3) !== "3DI") return undefined;
  const size = syncSafe(file.read(end - 10, 10), 6);
  return size === undefined ? undefined : { kind: "id3v2", start: end - 20 - size, end };
}
