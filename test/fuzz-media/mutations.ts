import type { Dice } from "../chaos/fuzz/dice.ts";

type Bytes = Buffer;

/** Where parsers look for lengths and counts: names of boxes, chunks, pages, frames and blocks. */
const names = [
  ...[
    "moov",
    "trak",
    "stsz",
    "stts",
    "ctts",
    "stsc",
    "stco",
    "co64",
    "stsd",
    "moof",
    "traf",
    "trun",
    "tfhd",
    "trex",
  ],
  ...["elst", "hdlr", "mdhd", "udta", "meta", "ilst", "covr", "data", "mdat", "esds", "dOps"],
  ...["RIFF", "WAVE", "fmt ", "LIST", "INFO", "ds64", "id3 ", "OggS", "vorbis", "OpusHead", "OpusTags"],
  ...[
    "ID3",
    "APIC",
    "TIT2",
    "TXXX",
    "Xing",
    "Info",
    "VBRI",
    "TAG",
    "APETAGEX",
    "fLaC",
    "METADATA_BLOCK_PICTURE",
  ],
  ...["IHDR", "IDAT", "\xff\xc0", "\xff\xda", "GIF8", "VP8 ", "VP8X"],
];
const lengths = [
  0, 1, 2, 7, 8, 0x7f, 0xff, 0xffff, 0x10000, 1_000_000, 20_000_000, 0x7fffffff, 0x80000000, 0xffffffff,
];

/** Changes a file in one to four ways, so that it may still pass for what it was. */
export function mutate(file: Bytes, other: Bytes, dice: Dice): Bytes {
  let bytes: Bytes = Buffer.from(file);
  for (let times = dice.below(4) + 1; times > 0; times--)
    bytes = dice.pick(mutations)(bytes.length > 0 ? bytes : Buffer.from(other), other, dice);
  return bytes;
}

type Mutation = (bytes: Bytes, other: Bytes, dice: Dice) => Bytes;

const flipBits: Mutation = (bytes, _, dice) => {
  for (let times = dice.below(16) + 1; times > 0; times--) {
    const at = place(bytes, dice);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << dice.below(8));
  }
  return bytes;
};

const truncate: Mutation = (bytes, _, dice) => bytes.subarray(0, place(bytes, dice));

const rewriteLength: Mutation = (bytes, _, dice) => writeAt(bytes, place(bytes, dice), dice);

/** Behind a name, where its counts are; or before it, where an MP4 box has its size. */
const inflateCount: Mutation = (bytes, _, dice) => {
  const found = placesOf(bytes, dice.pick(names));
  if (found.length === 0) return flipBits(bytes, bytes, dice);
  return writeAt(bytes, dice.pick(found) + dice.below(28) - 4, dice);
};

const duplicate: Mutation = (bytes, _, dice) => {
  const [from, to] = range(bytes, dice);
  const at = place(bytes, dice);
  return Buffer.concat([bytes.subarray(0, at), bytes.subarray(from, to), bytes.subarray(at)]);
};

const remove: Mutation = (bytes, _, dice) => {
  const [from, to] = range(bytes, dice);
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(to)]);
};

const blank: Mutation = (bytes, _, dice) => {
  const [from, to] = range(bytes, dice);
  return bytes.fill(dice.pick([0, 0xff]), from, to);
};

const splice: Mutation = (bytes, other, dice) =>
  Buffer.concat([bytes.subarray(0, place(bytes, dice)), other.subarray(place(other, dice))]);

const mutations: readonly Mutation[] = [
  ...[flipBits, truncate, rewriteLength, inflateCount, inflateCount],
  ...[duplicate, remove, blank, splice],
];

/** Half of all places are in the first and the last KiB, where headers, tags and tables are. */
function place(bytes: Bytes, dice: Dice): number {
  if (bytes.length === 0) return 0;
  const near = Math.min(bytes.length, 1_024);
  const choice = dice.below(4);
  if (choice === 0) return dice.below(near);
  if (choice === 1) return bytes.length - 1 - dice.below(near);
  return dice.below(bytes.length);
}

function range(bytes: Bytes, dice: Dice): [from: number, to: number] {
  const from = place(bytes, dice);
  return [from, Math.min(bytes.length, from + dice.below(2 ** (dice.below(15) + 1)))];
}

function placesOf(bytes: Bytes, name: string): number[] {
  const found: number[] = [];
  for (
    let at = bytes.indexOf(name, 0, "latin1");
    at !== -1 && found.length < 32;
    at = bytes.indexOf(name, at + 1, "latin1")
  )
    found.push(at);
  return found;
}

function writeAt(bytes: Bytes, at: number, dice: Dice): Bytes {
  const offset = Math.max(0, Math.min(at, bytes.length - 4));
  if (bytes.length < 4) return bytes;
  const value = dice.pick([...lengths, bytes.length, bytes.length + 1, bytes.length - offset]);
  if (dice.below(4) === 0) bytes.writeUInt32LE(value, offset);
  else bytes.writeUInt32BE(value, offset);
  return bytes;
}
