import { type Stereo, toFrames } from "./audio.ts";

type Biquad = { b: readonly [number, number, number]; a: readonly [number, number] };

/** The K-weighting of ITU-R BS.1770-4, its two filters worked out for 44.1 kHz. */
const SHELF: Biquad = {
  b: [1.5308412300498355, -2.6509799951536985, 1.1690790799210682],
  a: [-1.6636551132560204, 0.7125954280732254],
};
const HIGH_PASS: Biquad = { b: [1, -2, 1], a: [-1.9891696736297957, 0.9891990357870394] };

function filtered(input: Float32Array, { b, a }: Biquad): Float32Array {
  const out = new Float32Array(input.length);
  let s1 = 0;
  let s2 = 0;
  for (let i = 0; i < input.length; i++) {
    const x = input[i] as number;
    const y = b[0] * x + s1;
    s1 = b[1] * x - a[0] * y + s2;
    s2 = b[2] * x - a[1] * y;
    out[i] = y;
  }
  return out;
}

/** Integrated loudness in LUFS (ITU-R BS.1770-4: 400 ms blocks, gated at -70 LUFS and 10 LU below the mean). */
export function loudness({ left, right }: Stereo): number {
  const weighted = [left, right].map((channel) => filtered(filtered(channel, SHELF), HIGH_PASS));
  const powers = blockPowers(weighted).filter((power) => toLufs(power) > -70);
  const gate = toLufs(mean(powers)) - 10;
  return toLufs(mean(powers.filter((power) => toLufs(power) > gate)));
}

function blockPowers(channels: readonly Float32Array[]): number[] {
  const block = toFrames(0.4);
  const powers: number[] = [];
  const frames = channels[0]?.length ?? 0;
  for (let start = 0; start + block <= frames; start += block / 4) {
    powers.push(channels.reduce((sum, channel) => sum + power(channel, start, start + block), 0));
  }
  return powers;
}

function power(channel: Float32Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += (channel[i] as number) ** 2;
  return sum / (to - from);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
}

function toLufs(power: number): number {
  return -0.691 + 10 * Math.log10(power + 1e-20);
}
