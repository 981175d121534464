import { type Box, damaged, type FileBytes } from "./mp4-boxes.ts";

/** The fields of each entry of the sample tables, all of 32 bits but `co64`'s (ISO/IEC 14496-12, 8.6 and 8.7). */
const widths: Readonly<Record<string, number>> = { stts: 8, ctts: 8, stss: 4, stsc: 12, stco: 4, co64: 8 };

type Table = { readonly count: number; readonly entries: DataView };
type Sizes = {
  readonly count: number;
  /** Bytes of the samples from one up to, and without, another. */
  sum(from: number, to: number): number;
};

/**
 * Checks the sample tables of one track (`stbl`): entries lie inside of their boxes, they speak of no more samples than
 * have a size, and of a sound track each chunk lies inside of the file.
 * @throws Damage
 */
export function requireTables(file: FileBytes, boxes: readonly Box[], isSound: boolean): void {
  const tables = new Map<string, Table>();
  for (const box of boxes) {
    const width = widths[box.name];
    if (width === undefined) continue;
    if (tables.has(box.name)) throw damaged("it has one of its tables twice");
    tables.set(box.name, readTable(file, box, width));
  }
  const sizes = readSizes(file, boxes);
  for (const name of ["stts", "ctts"]) requireCounts(tables.get(name), sizes.count);
  const chunks = requireChunks(tables, sizes);
  if (isSound) requireInside(file, chunks, sizes);
}

function readTable(file: FileBytes, { content, end }: Box, width: number): Table {
  if (end - content < 8) throw damaged("one of its tables is too short");
  const count = file.view(content, 8).getUint32(4);
  if (count * width > end - content - 8) throw damaged("a table announces more than it holds");
  return { count, entries: file.view(content + 8, count * width) };
}

/** `stsz`, and its compact form `stz2` (8.7.3). */
function readSizes(file: FileBytes, boxes: readonly Box[]): Sizes {
  const found = boxes.filter(({ name }) => name === "stsz" || name === "stz2");
  const [box] = found;
  if (!box) return { count: 0, sum: () => 0 };
  if (found.length > 1) throw damaged("it has one of its tables twice");
  const { content, end } = box;
  if (end - content < 12) throw damaged("one of its tables is too short");
  const header = file.view(content, 12);
  const count = header.getUint32(8);
  const same = box.name === "stsz" ? header.getUint32(4) : 0;
  if (same > 0) {
    if (same * count > file.sizeBytes) throw damaged("it announces more audio than it holds");
    return { count, sum: (from, to) => (to - from) * same };
  }
  const bits = box.name === "stsz" ? 32 : header.getUint8(7);
  const bytes = Math.ceil((count * bits) / 8);
  if (bits === 0 || bytes > end - content - 12) throw damaged("a table announces more than it holds");
  const view = file.view(content + 12, bytes);
  return {
    count,
    sum(from, to) {
      let sum = 0;
      for (let sample = from; sample < to; sample++) sum += sizeAt(view, sample, bits);
      return sum;
    },
  };
}

function sizeAt(view: DataView, sample: number, bits: number): number {
  if (bits === 32) return view.getUint32(sample * 4);
  if (bits === 16) return view.getUint16(sample * 2);
  if (bits === 8) return view.getUint8(sample);
  const byte = view.getUint8(sample >> 1);
  return sample % 2 === 0 ? byte >> 4 : byte & 15;
}

/** Durations and offsets are told for runs of samples; a run costs a parser as much as it has samples. */
function requireCounts(table: Table | undefined, samples: number): void {
  if (!table) return;
  let sum = 0;
  for (let at = 0; at < table.count; at++) sum += table.entries.getUint32(at * 8);
  if (sum > samples) throw damaged("it announces more audio than it holds");
}

type Chunk = { readonly offset: number; readonly samples: number };

/** Which samples lie in which chunk (`stsc`, 8.7.4), and where (`stco`, `co64`). */
function requireChunks(tables: ReadonlyMap<string, Table>, { count: samples }: Sizes): Chunk[] {
  const runs = tables.get("stsc");
  const offsets = tables.get("co64") ?? tables.get("stco");
  const wide = tables.has("co64");
  const chunks: Chunk[] = [];
  let placed = 0;
  let run = -1;
  let perChunk = 0;
  for (let at = 0; at < (offsets?.count ?? 0); at++) {
    while (runs && run + 1 < runs.count && runs.entries.getUint32((run + 1) * 12) <= at + 1) {
      run += 1;
      perChunk = runs.entries.getUint32(run * 12 + 4);
      if (perChunk === 0 || perChunk > samples)
        throw damaged("a part of it has other audio than it announces");
    }
    const offset = wide ? Number(offsets?.entries.getBigUint64(at * 8)) : offsets?.entries.getUint32(at * 4);
    chunks.push({ offset: offset ?? 0, samples: perChunk });
    placed += perChunk;
  }
  // A last chunk may have fewer samples than its run says.
  if (placed - samples > samples + perChunk) throw damaged("it announces more audio than it holds");
  return chunks;
}

function requireInside(file: FileBytes, chunks: readonly Chunk[], sizes: Sizes): void {
  let sample = 0;
  for (const { offset, samples } of chunks) {
    const next = Math.min(sample + samples, sizes.count);
    const end = offset + sizes.sum(sample, next);
    sample = next;
    if (end > file.sizeBytes) throw damaged("it announces audio that lies outside of it");
  }
}
