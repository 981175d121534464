import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";

/** A chunk of a RIFF file by its name, the place of its data, and how many bytes it says to have. */
export type Chunk = { readonly name: string; readonly start: number; readonly sizeBytes: number };

/** More than any program writes; each costs a read. */
const maxChunks = 4_096;
/** Sizes that say nothing: written before the length was known, or too large for 32 bits. */
const unknown = new Set([0, 0xffffffff]);

/** Of RIFF, RIFX (big-endian), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088). */
export type RiffKind = { readonly isBigEndian: boolean; readonly isWide: boolean };

export function riffKind(file: FileReader): RiffKind | undefined {
  const header = file.read(0, 12).toString("latin1");
  if (!/^(RIFF|RIFX|RF64|BW64)/.test(header) || header.slice(8) !== "WAVE") return undefined;
  return { isBigEndian: header.startsWith("RIFX"), isWide: header[2] === "6" };
}

export const number = (bytes: Buffer, at: number, size: number, { isBigEndian }: RiffKind): number =>
  isBigEndian ? bytes.readUIntBE(at, size) : bytes.readUIntLE(at, size);

/** The chunks of a WAV file, until what follows is none: a tag of another kind, or padding. */
export function* waveChunks(file: FileReader, end: number, kind: RiffKind): Generator<Chunk> {
  let dataBytes: number | undefined;
  let at = 12;
  for (let count = 0; at + 8 <= end; count++) {
    if (count === maxChunks) throw new Damage("The file is damaged: it has more parts than any song");
    const header = file.read(at, 8);
    const name = header.toString("latin1", 0, 4);
    if (!/^[\x20-\x7e]{4}$/.test(name)) return;
    const start = at + 8;
    const told = number(header, 4, 4, kind);
    if (name === "ds64" && kind.isWide) dataBytes = dataBytesOf(file.read(start, 28));
    const sizeBytes = name === "data" ? dataSize(told, dataBytes) : told;
    yield { name, start, sizeBytes };
    // Chunks begin at even places; browsers do not find what a program puts at others.
    at = start + sizeBytes + (sizeBytes & 1);
  }
}

/** Infinity where nobody knew it. */
const dataSize = (told: number, wide: number | undefined): number =>
  told === 0xffffffff && wide ? wide : unknown.has(told) ? Number.POSITIVE_INFINITY : told;

/** Behind the size of the whole, 64 bits (EBU Tech 3306, 3.5). */
const dataBytesOf = (ds64: Buffer): number | undefined =>
  ds64.length < 16 ? undefined : Number(ds64.readBigUInt64LE(8));
