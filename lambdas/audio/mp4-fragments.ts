import { type Box, children, damaged, type FileBytes, named } from "./mp4-boxes.ts";

export type TrackDefaults = { readonly sampleBytes: number };

/** Samples in one fragment: five hours of AAC. */
const maxRunSamples = 1_000_000;

/**
 * Checks the runs of samples in one movie fragment (ISO/IEC 14496-12, 8.8).
 * @returns the bytes that its samples claim
 * @throws Damage
 */
export function requireRuns(
  file: FileBytes,
  fragment: Box,
  defaults: ReadonlyMap<number, TrackDefaults>,
): number {
  let claimedBytes = 0;
  for (const track of named(file, fragment, "traf")) {
    const header = readHeader(file, fragment, track, defaults);
    let offset = header.base;
    for (const box of children(file, track)) {
      if (box.name !== "trun") continue;
      const run = readRun(file, box, header.sampleBytes);
      if (run.dataOffset !== undefined) offset = header.base + run.dataOffset;
      if (offset < 0 || offset + run.bytes > file.sizeBytes)
        throw damaged("it announces audio that lies outside of it");
      offset += run.bytes;
      claimedBytes += run.bytes;
    }
  }
  return claimedBytes;
}

/** `tfhd`, 8.8.7: where its samples lie, and how large one is where no run says it. */
function readHeader(
  file: FileBytes,
  fragment: Box,
  track: Box,
  defaults: ReadonlyMap<number, TrackDefaults>,
): { readonly base: number; readonly sampleBytes: number } {
  const [box] = named(file, track, "tfhd");
  if (!box || box.end - box.content < 8) throw damaged("a fragment does not say what it is of");
  const view = file.view(box.content, Math.min(box.end - box.content, 32));
  const flags = view.getUint32(0) & 0xff_ff_ff;
  const optional = [0x1, 0x2, 0x8, 0x10].filter((flag) => flags & flag);
  const sizes: Record<number, number> = { 1: 8, 2: 4, 8: 4, 16: 4 };
  const offsetOf = (flag: number): number =>
    optional.filter((other) => other < flag).reduce((sum, other) => sum + (sizes[other] ?? 0), 8);
  const end = optional.reduce((sum, flag) => sum + (sizes[flag] ?? 0), 8);
  if (end > view.byteLength) throw damaged("one of its tables is too short");
  return {
    base: flags & 0x1 ? Number(view.getBigUint64(8)) : fragment.start,
    sampleBytes:
      flags & 0x10 ? view.getUint32(offsetOf(0x10)) : (defaults.get(view.getUint32(4))?.sampleBytes ?? 0),
  };
}

/** `trun`, 8.8.8. @throws Damage where it has no room for its samples, or they have no bytes */
function readRun(
  file: FileBytes,
  { content, end }: Box,
  defaultBytes: number,
): { readonly bytes: number; readonly dataOffset: number | undefined } {
  if (end - content < 8) throw damaged("one of its tables is too short");
  const view = file.view(content, Math.min(end - content, 16));
  const flags = view.getUint32(0) & 0xff_ff_ff;
  const count = view.getUint32(4);
  const fixed = 8 + 4 * [0x1, 0x4].filter((flag) => flags & flag).length;
  const width = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  if (fixed + count * width > end - content) throw damaged("a table announces more than it holds");
  const bytes =
    flags & 0x200
      ? sumOf(file, { first: content + fixed + (flags & 0x100 ? 4 : 0), width, count })
      : count * defaultBytes;
  if (bytes < count || count > maxRunSamples) throw damaged("it announces more audio than it holds");
  return { bytes, dataOffset: flags & 0x1 ? view.getInt32(8) : undefined };
}

function sumOf(
  file: FileBytes,
  { first, width, count }: { readonly first: number; readonly width: number; readonly count: number },
): number {
  if (count === 0) return 0;
  const view = file.view(first, (count - 1) * width + 4);
  let sum = 0;
  for (let at = 0; at < count; at++) sum += view.getUint32(at * width);
  return sum;
}
