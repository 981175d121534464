import { type Stereo, silence, toFrames } from "./audio.ts";

/** Frames of the eight delay lines: primes, so that their echoes seldom meet. */
const LENGTHS = [1117, 1361, 1523, 1787, 1993, 2239, 2473, 2711] as const;
const LINES = LENGTHS.length;

/** Seconds to fall by 60 dB, and how much of the highs is lost at each turn (0 to 1). */
export type Room = { seconds: number; damping: number };

/**
 * A feedback delay network (Jot and Chaigne 1991) with a Householder matrix: a smooth hall at a cost of eight
 * delay lines for both channels. Returns the wet sound alone, as long as the input.
 */
export function reverberate(send: Stereo, { seconds, damping }: Room): Stereo {
  const frames = send.left.length;
  const wet = silence(frames);
  const lines = LENGTHS.map((length) => new Float32Array(length));
  const gains = Float64Array.from(LENGTHS, (length) => 10 ** ((-3 * length) / (toFrames(1) * seconds)));
  const positions = new Int32Array(LINES);
  const lows = new Float64Array(LINES);
  const outs = new Float64Array(LINES);
  const { left, right } = { left: diffuse(send.left), right: diffuse(send.right) };
  for (let i = 0; i < frames; i++) {
    let sum = 0;
    for (let k = 0; k < LINES; k++) {
      const sample = (lines[k] as Float32Array)[positions[k] as number] as number;
      const low = (lows[k] as number) + (1 - damping) * (sample - (lows[k] as number));
      lows[k] = low;
      outs[k] = low * (gains[k] as number);
      sum += outs[k] as number;
    }
    const mixed = (sum * 2) / LINES;
    for (let k = 0; k < LINES; k++) {
      const input = (k & 1) === 0 ? (left[i] as number) : (right[i] as number);
      const at = positions[k] as number;
      (lines[k] as Float32Array)[at] = (outs[k] as number) - mixed + input;
      positions[k] = at + 1 === LENGTHS[k] ? 0 : at + 1;
    }
    wet.left[i] =
      0.35 * ((outs[0] as number) + (outs[2] as number) - (outs[4] as number) - (outs[7] as number));
    wet.right[i] =
      0.35 * ((outs[1] as number) + (outs[3] as number) - (outs[5] as number) - (outs[6] as number));
  }
  return wet;
}

/** Two all-passes blur the onset, so that the first echoes are not heard one by one. */
function diffuse(input: Float32Array): Float32Array {
  return allpass(allpass(input, 225, 0.6), 556, 0.6);
}

function allpass(input: Float32Array, length: number, gain: number): Float32Array {
  const line = new Float32Array(length);
  const out = new Float32Array(input.length);
  let at = 0;
  for (let i = 0; i < input.length; i++) {
    const delayed = line[at] as number;
    const fed = (input[i] as number) + gain * delayed;
    line[at] = fed;
    out[i] = delayed - gain * fed;
    at = at + 1 === length ? 0 : at + 1;
  }
  return out;
}
