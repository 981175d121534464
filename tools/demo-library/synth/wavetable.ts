import { SAMPLE_RATE, toFrames } from "./audio.ts";

const SIZE = 2048;
const MASK = SIZE - 1;
/** Vibrato is worked out once in so many frames. */
const CONTROL = 32;

/** One period with the given harmonic levels, those above half the sample rate left out. */
export function wavetable(hertz: number, level: (harmonic: number) => number, count: number): Float32Array {
  const table = new Float32Array(SIZE);
  const highest = Math.min(count, Math.floor((SAMPLE_RATE * 0.42) / hertz));
  for (let harmonic = 1; harmonic <= highest; harmonic++) {
    const gain = level(harmonic);
    // Phases spread by a quadratic rule keep the crest of the wave low.
    const phase = (Math.PI * harmonic * harmonic) / Math.max(1, highest);
    for (let i = 0; i < SIZE; i++) {
      table[i] = (table[i] as number) + gain * Math.sin((2 * Math.PI * harmonic * i) / SIZE + phase);
    }
  }
  return table;
}

/** Speed in hertz, depth as a share of the frequency, and the seconds until it is at full depth. */
export type Vibrato = { rate: number; depth: number; onset: number };

/** Reads a table at a frequency, with vibrato, adding to `out`. */
export function addWave(
  out: Float32Array,
  table: Float32Array,
  wave: { hertz: number; phase: number; gain: number; vibrato: Vibrato },
): void {
  const { hertz, gain, vibrato } = wave;
  let phase = wave.phase * SIZE;
  for (let start = 0; start < out.length; start += CONTROL) {
    const seconds = start / SAMPLE_RATE;
    const depth = vibrato.depth * Math.min(1, seconds / vibrato.onset);
    const bend = 1 + depth * Math.sin(2 * Math.PI * (vibrato.rate * seconds + wave.phase));
    const step = (hertz * bend * SIZE) / SAMPLE_RATE;
    const end = Math.min(out.length, start + CONTROL);
    for (let i = start; i < end; i++) {
      const index = phase | 0;
      const a = table[index & MASK] as number;
      const b = table[(index + 1) & MASK] as number;
      out[i] = (out[i] as number) + gain * (a + (b - a) * (phase - index));
      phase += step;
    }
    phase %= SIZE;
  }
}

/** A buffer for a sound of so many seconds. */
export function buffer(seconds: number): Float32Array {
  return new Float32Array(toFrames(seconds));
}
