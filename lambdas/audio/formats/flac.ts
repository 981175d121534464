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

type PlacedFlacFrame = { readonly at: number; readonly end: number; readonly frame: FlacFrame };

/** A frame does not say how long it is: it ends where the next one begins, by its number. */
function* walkFlac(file: FileReader, from: number, end: number): Generator<PlacedFlacFrame> {
  let current = nextFrame(file, from, end, () => true);
  while (current) {
    const { frame, at } = current;
    const next = nextFrame(file, at + 1, end, (other) => isNext(frame, other));
    yield { at, frame, end: next?.at ?? end };
    current = next;
  }
}

const isNext = (frame: FlacFrame, other: FlacFrame): boolean =>
  other.isVariable === frame.isVariable &&
  other.number === frame.number + (frame.isVariable ? frame.samples : 1);

function nextFrame(
  file: FileReader,
  from: number,
  end: number,
  isWanted: (frame: FlacFrame) => boolean,
): { readonly at: number; readonly frame: FlacFrame } | undefined {
  for (let at = file.indexOf(sync, from, end); at < end; at = file.indexOf(sync, at + 1, end)) {
    const frame = parseFlacFrame(file.read(at, maxHeaderBytes));
    if (frame && isWanted(frame)) return { at, frame };
  }
  return undefined;
}
