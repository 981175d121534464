import { contentTypes } from "../containers.ts";
import type { FileReader } from "../file-reader.ts";
import type { AudioLayout } from "../layout.ts";
import { plausible } from "../plausible.ts";
import { maxPreviewBytes, previewSeconds } from "../preview.ts";
import { flacTagFile } from "../tags/tag-file.ts";
import { type TagRange, trailingTags } from "../tags/tag-ranges.ts";
import { type FlacFrame, maxHeaderBytes, parseFlacFrame } from "./flac-frame.ts";
import { flacStart, readFlacHeader } from "./flac-header.ts";

/**
 * Reads FLAC frame by frame: the sample rate is STREAMINFO's, at whichever rate and in whichever form a frame repeats it.
 * @param tags before the audio, which begins at `start`
 * @throws Damage
 */
export function readFlac(file: FileReader, start: number, tags: readonly TagRange[]): AudioLayout {
  const header = readFlacHeader(file, start);
  const { sampleRate, totalSamples } = header;
  const trailing = trailingTags(file);
  let samples = 0;
  let begin = header.end;
  const preview = { samples: 0, end: header.end };
  for (const { at, end, frame } of walkFlac(file, header.end, trailing.end)) {
    if (samples === 0) begin = at;
    samples += frame.samples;
    if (preview.samples < previewSeconds * sampleRate && end - begin <= maxPreviewBytes)
      Object.assign(preview, { samples, end });
  }
  return {
    container: "FLAC",
    durationSeconds: plausible(samples / sampleRate, trailing.end - begin),
    ...(totalSamples !== undefined && { declaredSeconds: totalSamples / sampleRate }),
    tagFile: flacTagFile(file, tags, { start, end: header.end }),
    preview: () => ({
      contentType: contentTypes.FLAC,
      bytes:
        preview.samples === 0
          ? Buffer.alloc(0)
          : Buffer.concat([flacStart(header, preview.samples), file.read(begin, preview.end - begin)]),
    }),
  };
}

const sync = Buffer.of(0xff);

type FoundFrame = { readonly at: number; readonly frame: FlacFrame };

/** A frame does not say how long it is: it ends where the next one begins. */
function* walkFlac(file: FileReader, from: number, end: number): Generator<FoundFrame & { end: number }> {
  let current: FoundFrame | undefined = framesIn(file, from, end).next().value;
  while (current) {
    const next = nextFrame(file, current, end);
    yield { ...current, end: next?.at ?? end };
    current = next;
  }
}

/** So many frames are looked at together that may be those behind a damaged one. */
const maxCandidates = 1_024;

/**
 * The next frame, by its number: bytes that look like one occur in audio. Where it is damaged, a later one that its own next
 * one follows.
 */
function nextFrame(file: FileReader, { at, frame }: FoundFrame, end: number): FoundFrame | undefined {
  /** By the number of the frame that would follow. */
  const candidates = new Map<number, FoundFrame>();
  for (const found of framesIn(file, at + 1, end)) {
    const { number, isVariable } = found.frame;
    if (isVariable !== frame.isVariable || number <= frame.number) continue;
    if (number === followingNumber(frame)) return found;
    const confirmed = candidates.get(number);
    if (confirmed) return confirmed;
    if (candidates.size === maxCandidates) candidates.clear();
    candidates.set(followingNumber(found.frame), found);
  }
  return undefined;
}

const followingNumber = ({ number, isVariable, samples }: FlacFrame): number =>
  number + (isVariable ? samples : 1);

function* framesIn(file: FileReader, from: number, end: number): Generator<FoundFrame> {
  for (let at = file.indexOf(sync, from, end); at < end; at = file.indexOf(sync, at + 1, end)) {
    const frame = parseFlacFrame(file.read(at, maxHeaderBytes));
    if (frame) yield { at, frame };
  }
}
