import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout } from "../layout.ts";
import { type TagRange, tagAt } from "../tags/tag-ranges.ts";
import { unplayable } from "../unplayable.ts";
import { readFlac } from "./flac.ts";
import { foreignFormat } from "./foreign-formats.ts";
import { readMp3 } from "./mp3.ts";
import { headerBytes, isFreeFormat } from "./mp3-frame.ts";
import { readMp4 } from "./mp4.ts";
import { readOgg } from "./ogg.ts";
import { readWave } from "./wave.ts";
import { riffKind } from "./wave-chunks.ts";

/**
 * Reads a file by what it begins with, whatever it is called. MP3 comes last: it has no header of its own, and frames
 * that look like it are found inside of others.
 * @throws Damage
 */
export async function layoutOf(file: FileReader): Promise<AudioLayout> {
  const nameAt = (at: number): string => file.read(at, 4).toString("latin1");
  if (nameAt(0) === "OggS") return readOgg(file);
  const riff = riffKind(file);
  if (riff) return readWave(file, riff);
  const tags = leadingTags(file);
  const start = tags.at(-1)?.end ?? 0;
  if (nameAt(start) === "fLaC") return readFlac(file, start, tags);
  refuseForeign(file.read(0, 16));
  const layout = (await readMp4(file)) ?? readMp3(file);
  if (layout) return layout;
  refuseForeign(file.read(start, 16));
  if (isFreeFormat(file.read(start, headerBytes))) throw new Damage(unplayable("MP3 of free format"));
  if (["OggS", "RIFF"].includes(nameAt(start)))
    throw new Damage("Not all browsers play an Ogg or WAV file that begins with an ID3 tag: remove the tag");
  throw new Damage("This is no MP3, FLAC, Ogg, M4A or WAV file, whatever its name says");
}

/** @param start of the file, or of what stands behind its tags */
function refuseForeign(start: Buffer): void {
  const foreign = foreignFormat(start);
  if (foreign) throw new Damage(`This is ${foreign}: ${taken}`);
}

const taken = "Encore takes MP3, FLAC, Ogg (Vorbis, Opus), M4A (AAC) and WAV";

/** No program writes more. */
const maxLeadingTags = 8;

function leadingTags(file: FileReader): TagRange[] {
  const tags: TagRange[] = [];
  for (let tag = tagAt(file, 0); tag && tags.length < maxLeadingTags; tag = tagAt(file, tag.end))
    tags.push(tag);
  return tags;
}
