import type { Stereo } from "../synth/audio.ts";

/** Frames that are encoded at a time. */
export const CHUNK = 44_100;

/** The chunks of a sound, as views. */
export function* chunksOf({ left, right }: Stereo): Generator<Stereo> {
  for (let start = 0; start < left.length; start += CHUNK) {
    yield { left: left.subarray(start, start + CHUNK), right: right.subarray(start, start + CHUNK) };
  }
}

/** Interleaved 16-bit samples. */
export function toInt16({ left, right }: Stereo): Int16Array<ArrayBuffer> {
  const out = new Int16Array(left.length * 2);
  for (let i = 0; i < left.length; i++) {
    out[2 * i] = Math.round((left[i] as number) * 32767);
    out[2 * i + 1] = Math.round((right[i] as number) * 32767);
  }
  return out;
}
