import type { Mp3Frame } from "./mp3-frame.ts";

/** What an encoder says of the whole stream in a first frame that holds no sound. */
export type Mp3Info = {
  readonly frames?: number;
  /** Silence that the encoder put before the sound and behind it; players leave it out (samples). */
  readonly delay?: number;
  readonly padding?: number;
};

/** What a decoder puts before the sound on top of the encoder's delay (samples). */
const decoderDelay = 529;

/** Reads the frame of Xing, LAME ("Info") or Fraunhofer ("VBRI"). @returns undefined where it is an ordinary frame */
export function parseMp3Info(frame: Mp3Frame, bytes: Buffer): Mp3Info | undefined {
  const sideInfo = frame.version === 1 ? (frame.channels === 1 ? 17 : 32) : frame.channels === 1 ? 9 : 17;
  const name = nameAt(bytes, 4 + sideInfo);
  if (name === "Xing" || name === "Info") return parseXing(bytes.subarray(4 + sideInfo));
  if (nameAt(bytes, 36) === "VBRI" && bytes.length >= 54) return { frames: bytes.readUInt32BE(50) };
  return undefined;
}

function parseXing(bytes: Buffer): Mp3Info {
  if (bytes.length < 12) return {};
  const flags = bytes.readUInt32BE(4);
  const frames = flags & 1 ? bytes.readUInt32BE(8) : 0;
  // Frames, bytes, table of contents, quality: each is there where its flag is.
  const sizes = [4, 4, 100, 4].map((size, bit) => (flags & (1 << bit) ? size : 0));
  const encoder = 8 + sizes.reduce((sum, size) => sum + size, 0);
  return { ...(frames > 0 && { frames }), ...parseDelays(bytes.subarray(encoder)) };
}

function parseDelays(encoder: Buffer): Pick<Mp3Info, "delay" | "padding"> {
  if (encoder.length < 24 || !["LAME", "Lavf", "Lavc"].includes(nameAt(encoder, 0))) return {};
  const delays = encoder.readUIntBE(21, 3);
  return { delay: (delays >> 12) + decoderDelay, padding: Math.max(0, (delays & 0xfff) - decoderDelay) };
}

const nameAt = (bytes: Buffer, at: number): string => bytes.toString("latin1", at, at + 4);
