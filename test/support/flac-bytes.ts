import { u32le } from "./tag-bytes.ts";

/** How a frame's header names the sample rate (RFC 9639, 9.1.2): by a code alone, or with bytes behind it. */
type RateForm = { readonly code: number; readonly bytes: Buffer };

export type FlacFile = {
  readonly sampleRate: number;
  readonly form: RateForm;
  readonly frames?: number;
  /** In STREAMINFO; 0 says that it is not known. */
  readonly toldSamples?: number;
};

const blockSamples = 4_096;

/** Silence in one channel of 16 bits, whole and valid, without an encoder. */
export function flacFile(file: FlacFile): Buffer {
  const { streamInfo, frames } = flacParts(file);
  return Buffer.concat([Buffer.from("fLaC"), Buffer.from([0x80, 0, 0, 34]), streamInfo, ...frames]);
}

/** The same with Vorbis comments like `DATE=1984` (RFC 9639, 8.6). */
export function flacWithComments(comments: readonly string[]): Buffer {
  const { streamInfo, frames } = flacParts({ sampleRate: 44_100, form: { code: 9, bytes: Buffer.alloc(0) } });
  const list = comments.flatMap((comment) => [u32le(Buffer.byteLength(comment)), Buffer.from(comment)]);
  const block = Buffer.concat([u32le(0), u32le(comments.length), ...list]);
  const header = u32le(block.length).reverse();
  header.writeUInt8(0x84, 0);
  return Buffer.concat([
    ...[Buffer.from("fLaC"), Buffer.from([0, 0, 0, 34]), streamInfo],
    ...[header, block, ...frames],
  ]);
}

export function flacParts({ sampleRate, form, frames = 8, toldSamples = frames * blockSamples }: FlacFile): {
  readonly streamInfo: Buffer;
  readonly frames: readonly Buffer[];
  readonly blockSamples: number;
} {
  return {
    streamInfo: streamInfoOf(sampleRate, toldSamples),
    frames: Array.from({ length: frames }, (_, number) => frame(number, form)),
    blockSamples,
  };
}

function streamInfoOf(sampleRate: number, samples: number): Buffer {
  const bytes = Buffer.alloc(34);
  bytes.writeUInt16BE(blockSamples, 0);
  bytes.writeUInt16BE(blockSamples, 2);
  // 20 bits of rate, 3 of channels less one, 5 of bits less one, 36 of samples.
  bytes.writeUIntBE(sampleRate << 4, 10, 3);
  bytes.writeUInt8(15 << 4, 13);
  bytes.writeUInt32BE(samples, 14);
  return bytes;
}

/** 4,096 samples of one constant value. */
function frame(number: number, { code, bytes }: RateForm): Buffer {
  const header = Buffer.concat([Buffer.from([0xff, 0xf8, (12 << 4) | code, 4 << 1, number]), bytes]);
  const body = Buffer.concat([header, Buffer.of(crc(header, 0x07, 8)), Buffer.from([0, 0, 0])]);
  const check = Buffer.alloc(2);
  check.writeUInt16BE(crc(body, 0x8005, 16));
  return Buffer.concat([body, check]);
}

function crc(bytes: Buffer, polynomial: number, bits: number): number {
  const [top, mask] = [2 ** (bits - 1), 2 ** bits - 1];
  return bytes.reduce((start, byte) => {
    let value = start ^ (byte << (bits - 8));
    for (let bit = 0; bit < 8; bit++) value = ((value << 1) ^ (value & top ? polynomial : 0)) & mask;
    return value;
  }, 0);
}
