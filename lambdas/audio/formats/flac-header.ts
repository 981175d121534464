import { Damage } from "../damage.ts";
import type { FileReader } from "../file-reader.ts";

/** The metadata blocks before the audio of a FLAC file (RFC 9639, 8). */
export type FlacHeader = {
  /** Of the first frame. */
  readonly end: number;
  /** The 34 bytes of STREAMINFO. */
  readonly streamInfo: Buffer;
  readonly sampleRate: number;
  readonly channels: number;
  /** Undefined where the encoder did not know. */
  readonly totalSamples?: number;
};

const streamInfoBytes = 34;

/** @param isFirstAlone of all blocks: in Ogg the others lie in other packets @throws Damage */
export function readFlacHeader(file: FileReader, start: number, isFirstAlone = false): FlacHeader {
  let streamInfo: Buffer | undefined;
  let at = start + 4;
  for (let isLast = false; !isLast; isLast ||= isFirstAlone) {
    const block = file.read(at, 4 + streamInfoBytes);
    if (block.length < 4) throw new Damage("The file is cut off: it ends before its audio");
    isLast = block.readUInt8(0) >= 0x80;
    if ((block.readUInt8(0) & 0x7f) === 0) streamInfo ??= Buffer.from(block.subarray(4));
    at += 4 + block.readUIntBE(1, 3);
  }
  if (streamInfo?.length !== streamInfoBytes)
    throw new Damage("The file is damaged: it does not say what audio it holds");
  return { end: at, streamInfo, ...parseStreamInfo(streamInfo) };
}

/** RFC 9639, 8.2: 20 bits of sample rate, 3 of channels, 5 of bits a sample, 36 of samples. */
function parseStreamInfo(bytes: Buffer): Pick<FlacHeader, "sampleRate" | "channels" | "totalSamples"> {
  const sampleRate = bytes.readUIntBE(10, 3) >> 4;
  if (sampleRate === 0) throw new Damage("The file is damaged: it names no sample rate");
  const totalSamples = (bytes.readUInt8(13) & 15) * 2 ** 32 + bytes.readUInt32BE(14);
  const channels = ((bytes.readUInt8(12) >> 1) & 7) + 1;
  return { sampleRate, channels, ...(totalSamples > 0 && { totalSamples }) };
}

/** What a file of other length begins with: its STREAMINFO has that length, and no checksum of the audio. */
export function flacStart({ streamInfo }: FlacHeader, samples: number): Buffer {
  const start = Buffer.alloc(8 + streamInfoBytes);
  start.write("fLaC", "latin1");
  start.writeUInt8(0x80, 4);
  start.writeUIntBE(streamInfoBytes, 5, 3);
  streamInfo.copy(start, 8);
  start.writeUInt8((streamInfo.readUInt8(13) & 0xf0) | Math.floor(samples / 2 ** 32), 8 + 13);
  start.writeUInt32BE(samples % 2 ** 32, 8 + 14);
  return start.fill(0, 8 + 18);
}
