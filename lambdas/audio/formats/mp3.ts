import { contentTypes } from "../containers.ts";
import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout, ByteSpan } from "../layout.ts";
import { maxPreviewBytes, previewSeconds } from "../preview.ts";
import { mp3TagFile } from "../tags/tag-file.ts";
import { type TagRange, trailingTags } from "../tags/tag-ranges.ts";
import { unplayable } from "../unplayable.ts";
import { type Mp3Info, parseMp3Info } from "./mp3-info.ts";
import { type PlacedFrame, walkMp3 } from "./mp3-walk.ts";

/** More than any program writes. */
const maxTags = 16;

/**
 * Reads MPEG audio frame by frame. @returns undefined where there is none
 * @throws Damage where it is another layer than MP3's
 */
export function readMp3(file: FileReader): AudioLayout | undefined {
  const trailing = trailingTags(file);
  const tags: TagRange[] = [];
  const stream = new Mp3Stream();
  for (const part of walkMp3(file, trailing.end)) {
    if ("frame" in part) stream.add(part.frame, file);
    else if (tags.length < maxTags) tags.push(part.tag);
  }
  if (!stream.preview) return undefined;
  const { start, end } = stream.preview;
  return {
    container: "MP3",
    ...stream.length(),
    tagFile: mp3TagFile(file, [...tags, ...trailing.tags]),
    preview: () => ({ bytes: file.read(start, end - start), contentType: contentTypes.MP3 }),
  };
}

class Mp3Stream {
  preview: ByteSpan | undefined;
  #seconds = 0;
  #frames = 0;
  #first: PlacedFrame | undefined;
  #info: Mp3Info | undefined;

  add(frame: PlacedFrame, file: FileReader): void {
    if (frame.layer !== 3) throw new Damage(unplayable(`MPEG audio layer ${"I".repeat(frame.layer)}`));
    const isFirst = !this.#first;
    this.#first ??= frame;
    // Each of the files that were joined may have one; a player hears nothing of it.
    const info = parseMp3Info(frame, file.read(frame.start, frame.sizeBytes));
    if (isFirst) this.#info = info;
    if (info) return;
    const [start, end] = [this.preview?.start ?? frame.start, frame.start + frame.sizeBytes];
    if (this.#seconds < previewSeconds && end - start <= maxPreviewBytes) this.preview = { start, end };
    this.#frames += 1;
    this.#seconds += frame.samples / frame.sampleRate;
  }

  length(): Pick<AudioLayout, "durationSeconds" | "declaredSeconds"> {
    const { frames, delay = 0, padding = 0 } = this.#info ?? {};
    const { samples, sampleRate } = this.#first ?? { samples: 0, sampleRate: 1 };
    // The padding lies before the last declared frame: of joined files that is none of the end.
    const silence = (delay + (frames === this.#frames ? padding : 0)) / sampleRate;
    return {
      durationSeconds: Math.max(this.#seconds - silence, samples / sampleRate),
      ...(frames !== undefined && { declaredSeconds: (frames * samples) / sampleRate }),
    };
  }
}
