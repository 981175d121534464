import { SAMPLE_RATE, type Stereo, smooth, toFrames } from "./audio.ts";
import { loudness } from "./loudness.ts";

/** The loudness that every track is brought to, in LUFS, and the peak that none passes (-1 dB). */
const TARGET_LUFS = -16;
const CEILING = 0.89;

const FADE_IN = 0.01;
const FADE_OUT = 1.6;
/** Seconds of digital silence at the end, so that players that cut the last frame cut nothing. */
const REST = 0.08;

/** Finishes a mix in place: no DC, even loudness, no peak above the ceiling, silent ends. */
export function master(mix: Stereo): Stereo {
  for (const channel of [mix.left, mix.right]) removeDc(channel);
  amplify(mix, 10 ** ((TARGET_LUFS - loudness(mix)) / 20));
  limit(mix);
  for (const channel of [mix.left, mix.right]) fade(channel);
  return mix;
}

/** A one-pole high-pass at 20 Hz. */
function removeDc(channel: Float32Array): void {
  const pole = 1 - (2 * Math.PI * 20) / SAMPLE_RATE;
  let input = 0;
  let output = 0;
  for (let i = 0; i < channel.length; i++) {
    const x = channel[i] as number;
    output = x - input + pole * output;
    input = x;
    channel[i] = output;
  }
}

function amplify({ left, right }: Stereo, gain: number): void {
  for (let i = 0; i < left.length; i++) {
    left[i] = (left[i] as number) * gain;
    right[i] = (right[i] as number) * gain;
  }
}

/**
 * A limiter that sees the future: the gain each frame needs, then slopes laid around every dip (4 ms before it,
 * 180 ms after it), so no peak passes and no gain jumps.
 */
function limit({ left, right }: Stereo): void {
  const gains = new Float32Array(left.length);
  const rise = 1 / toFrames(0.18);
  let gain = 1;
  for (let i = 0; i < gains.length; i++) {
    const peak = Math.max(Math.abs(left[i] as number), Math.abs(right[i] as number));
    gain = Math.min(gain + rise, 1, CEILING / Math.max(peak, 1e-9));
    gains[i] = gain;
  }
  const fall = 1 / toFrames(0.004);
  for (let i = gains.length - 1; i >= 0; i--) {
    gain = Math.min(gain + fall, gains[i] as number);
    left[i] = (left[i] as number) * gain;
    right[i] = (right[i] as number) * gain;
  }
}

function fade(channel: Float32Array): void {
  const frames = channel.length;
  const rise = toFrames(FADE_IN);
  for (let i = 0; i < rise; i++) channel[i] = (channel[i] as number) * smooth(i / rise);
  const end = frames - toFrames(REST);
  const start = Math.max(0, end - toFrames(FADE_OUT));
  for (let i = start; i < end; i++) channel[i] = (channel[i] as number) * smooth((end - i) / (end - start));
  channel.fill(0, end);
}
