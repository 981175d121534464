import { isUtf8 } from "node:buffer";
import { writeId3v2 } from "./id3v2.ts";

/** The texts of an ID3v1 tag: from where they are (30 bytes each), and what ID3v2 calls them. */
const fields = [
  [3, "TIT2", "TT2"],
  [33, "TPE1", "TP1"],
  [63, "TALB", "TAL"],
] as const;
const fieldBytes = 30;

/**
 * The texts of an ID3v1 tag that are in UTF-8, as an ID3v2 tag: music-metadata 12 takes them for Latin-1, as the format has
 * it, and many programs write UTF-8.
 * @param seen ids of frames that ID3v2 tags of the file have: those say more
 * @returns no bytes where there are none
 */
export function utf8Texts(tag: Buffer, seen: ReadonlySet<string>): Buffer {
  const frames = fields.flatMap(([at, id, oldId]) => {
    const text = seen.has(id) || seen.has(oldId) ? undefined : utf8In(tag.subarray(at, at + fieldBytes));
    return text === undefined ? [] : [{ id, data: Buffer.concat([Buffer.of(3), text]) }];
  });
  return frames.length > 0 ? writeId3v2(4, frames) : Buffer.alloc(0);
}

/** A text that fills its field may be cut within a character, of up to four bytes. */
function utf8In(field: Buffer): Buffer | undefined {
  const end = field.indexOf(0);
  const texts =
    end < 0 ? [0, 1, 2, 3].map((cut) => field.subarray(0, fieldBytes - cut)) : [field.subarray(0, end)];
  return texts.find((text) => isUtf8(text) && text.some((byte) => byte >= 0x80));
}
