import type { FileReader } from "../file-reader.ts";
import { type TagRange, tagAt } from "../tags/tag-ranges.ts";
import { headerBytes, isAlike, type Mp3Frame, parseMp3Frame } from "./mp3-frame.ts";

export type PlacedFrame = Mp3Frame & { readonly start: number };
/** What comes next in a file of MPEG audio; whatever else lies between is skipped, as players do. */
export type Mp3Part = { readonly frame: PlacedFrame } | { readonly tag: TagRange };

/** How far behind the tags a file's first frame may be, zeros not counted (bytes). */
const maxLeadBytes = 2 ** 20;
/** Bytes that are no frame look like one every now and then; so many in a row do not. */
const framesInARow = 3;

/**
 * Walks through the frames and the tags of a file up to `end`. Frames of another sample rate are frames too: files of
 * several rates were joined.
 */
export function* walkMp3(file: FileReader, end: number): Generator<Mp3Part> {
  const nextSync = finder(file, Buffer.of(0xff), end);
  const nextTag = finder(file, Buffer.from("ID3"), end);
  let last: PlacedFrame | undefined;
  let lead = 0;
  for (let at = 0; at + headerBytes <= end; ) {
    const tag = tagAt(file, at);
    if (tag && tag.end > at && tag.end <= file.sizeBytes) {
      yield { tag };
      at = tag.end;
      lead = at;
      continue;
    }
    const frame = frameAt(file, at, end);
    if (frame && (follows(frame, last) || isConfirmed(file, frame, end))) {
      yield { frame };
      last = frame;
      at += frame.sizeBytes;
      continue;
    }
    if (!last && at - lead > maxLeadBytes && file.read(at, 1)[0] !== 0) return;
    // A tag of APE that does not lie at the end follows a frame, and is found there.
    at = Math.min(nextSync(at + 1), nextTag(at + 1));
  }
}

/** Finds where bytes are next, and looks at no place twice. */
function finder(file: FileReader, bytes: Buffer, end: number): (from: number) => number {
  let found = -1;
  return (from) => {
    if (found < from) found = file.indexOf(bytes, from, end);
    return found;
  };
}

function frameAt(file: FileReader, start: number, end: number): PlacedFrame | undefined {
  const frame = parseMp3Frame(file.read(start, headerBytes));
  return frame && start + frame.sizeBytes <= end ? { ...frame, start } : undefined;
}

const follows = (frame: PlacedFrame, last: PlacedFrame | undefined): boolean =>
  last !== undefined && frame.start === last.start + last.sizeBytes && isAlike(frame, last);

/** Others like it follow at once, or the audio ends with it. */
function isConfirmed(file: FileReader, first: PlacedFrame, end: number): boolean {
  let frame = first;
  for (let count = 1; count < framesInARow; count++) {
    const at = frame.start + frame.sizeBytes;
    if (at === end || tagAt(file, at)) return true;
    const next = frameAt(file, at, end);
    if (!next || !isAlike(next, first)) return false;
    frame = next;
  }
  return true;
}
