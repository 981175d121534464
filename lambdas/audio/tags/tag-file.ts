import type { Bytes } from "../../../core/domain/uploads/ports.ts";
import type { FileReader } from "../file-reader.ts";
import type { ByteSpan } from "../layout.ts";
import { utf8Texts } from "./id3v1.ts";
import { plainId3v2 } from "./id3v2.ts";
import type { TagRange } from "./tag-ranges.ts";

/** No program writes more of a kind. */
const maxTags = 8;

/** The tags of an MP3 without its audio, in the order in which a parser looks for them. */
export function mp3TagFile(file: FileReader, tags: readonly TagRange[]): Bytes {
  const [apes, id3v1] = [apeTag(file, tags), id3v1Tag(file, tags)];
  const seen = new Set(apes.flatMap(artistFrames));
  const id3v2 = id3v2Tags(file, tags, seen);
  // What an APE tag says is longer than 30 bytes, and counts more than any other.
  const texts = apes.length > 0 ? [] : id3v1.map((tag) => utf8Texts(tag, seen));
  const bytes = [...id3v2, ...texts, ...apes, ...id3v1];
  return { contentType: "audio/mpeg", bytes: Buffer.concat(bytes) };
}

/** The metadata blocks of a FLAC file, and an ID3v2 tag before them. */
export function flacTagFile(file: FileReader, tags: readonly TagRange[], blocks: ByteSpan): Bytes {
  const bytes = [...id3v2Tags(file, tags), file.read(blocks.start, blocks.end - blocks.start)];
  return { contentType: "audio/flac", bytes: Buffer.concat(bytes) };
}

const read = (file: FileReader, { start, end }: ByteSpan): Buffer => file.read(start, end - start);

/** Of files that were joined the first says what the song is; one at the end may add a picture. */
function id3v2Tags(file: FileReader, tags: readonly TagRange[], seen = new Set<string>()): Buffer[] {
  return ofKind(tags, "id3v2").map((tag) => plainId3v2(read(file, tag), seen));
}

const id3v1Tag = (file: FileReader, tags: readonly TagRange[]): Buffer[] =>
  ofKind(tags, "id3v1")
    .map(({ end }) => file.read(end - 128, 128))
    .slice(-1);

/** With a footer, by which it is found; the first version has no header either. */
const apeTag = (file: FileReader, tags: readonly TagRange[]): Buffer[] =>
  ofKind(tags, "ape")
    .map((tag) => read(file, tag))
    .filter((tag) => tag.toString("latin1", tag.length - 32, tag.length - 24) === "APETAGEX")
    .slice(-1);

/**
 * The ID3v2 frames of artists whom an APE tag names too: music-metadata 12 would print the one's and credit the other's.
 * A key stands between the last byte of the flags, which is zero, and a zero; its case is the tagger's (APEv2, "Item key").
 */
function artistFrames(ape: Buffer): string[] {
  const text = ape.toString("latin1");
  return [
    ...(/\0artist\0/i.test(text) ? ["TPE1", "TP1"] : []),
    ...(/\0album artist\0/i.test(text) ? ["TPE2", "TP2"] : []),
  ];
}

const ofKind = (tags: readonly TagRange[], kind: TagRange["kind"]): TagRange[] =>
  tags.filter((tag) => tag.kind === kind).slice(0, maxTags);
