import type { Bytes } from "../../../core/domain/uploads/ports.ts";
import { plainId3v2 } from "./id3v2.ts";
import { decodeLegacy } from "./legacy-text.ts";

/** A chunk that holds tags: `LIST` of INFO, or `id3 `. */
export type TagChunk = { readonly name: string; readonly data: Buffer };

/**
 * The tags of a WAV file in a small RIFF file of their own, for music-metadata 12: that reads no RF64, takes the texts of
 * INFO for Latin-1 unless a CSET chunk (RIFF MCI, 2-7) names a code page, which no program writes, and drops them all
 * where the last is not padded.
 */
export function riffTagFile(chunks: readonly TagChunk[]): Bytes {
  const written = chunks.map(({ name, data }) =>
    name === "LIST" ? chunk(name, plainInfo(data)) : chunk("id3 ", plainId3v2(data)),
  );
  const body = Buffer.concat([Buffer.from("WAVE"), chunk("CSET", codePage()), ...written]);
  return { contentType: "audio/wav", bytes: chunk("RIFF", body) };
}

function codePage(): Buffer {
  const utf8 = Buffer.alloc(8);
  utf8.writeUInt16LE(65_001);
  return utf8;
}

/** Of INFO, more than there are kinds of. */
const maxTexts = 1_000;

/** The texts of a LIST of INFO, all in UTF-8: each has a name and a size, and begins at an even place. */
function plainInfo(info: Buffer): Buffer {
  const texts: Buffer[] = [];
  for (let at = 4; at + 8 <= info.length && texts.length < maxTexts; ) {
    const size = info.readUInt32LE(at + 4);
    const text = textOf(info.subarray(at + 8, at + 8 + size));
    texts.push(chunk(info.toString("latin1", at, at + 4), Buffer.from(`${text}\0`)));
    at += 8 + size + (size & 1);
  }
  return Buffer.concat([Buffer.from("INFO"), ...texts]);
}

/** A text ends with a zero, or with its chunk. */
function textOf(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  return decodeLegacy(end < 0 ? bytes : bytes.subarray(0, end));
}

function chunk(name: string, data: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.write(name, "latin1");
  header.writeUInt32LE(data.length, 4);
  return Buffer.concat([header, data, Buffer.alloc(data.length & 1)]);
}
