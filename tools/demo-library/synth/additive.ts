import { SAMPLE_RATE, smooth, toFrames } from "./audio.ts";

/** One sine of a sound: frequency, level, and the seconds after which it has fallen to 1/e. */
export type Partial = { hertz: number; level: number; decay: number };

/** Seconds to rise, to hold, and to fall after that. */
export type Envelope = { attack: number; held: number; release: number };

const CEILING = SAMPLE_RATE * 0.45;

/** Sums decaying sines, then shapes attack and release; partials near half the sample rate are left out. */
export function additive(partials: readonly Partial[], envelope: Envelope): Float32Array {
  const out = new Float32Array(toFrames(envelope.held + envelope.release));
  for (const partial of partials) if (partial.hertz < CEILING) addDecayingSine(out, partial);
  return shape(out, envelope);
}

/** A two-pole resonator rung once: two multiplications a frame where a sine and an exponential cost ten. */
function addDecayingSine(out: Float32Array, { hertz, level, decay }: Partial): void {
  const angle = (2 * Math.PI * hertz) / SAMPLE_RATE;
  const radius = Math.exp(-1 / (decay * SAMPLE_RATE));
  const a1 = 2 * radius * Math.cos(angle);
  const a2 = -radius * radius;
  // Partials below a thousandth of their start are not heard beneath the others.
  const frames = Math.min(out.length, toFrames(decay * 7));
  let previous = level * radius * Math.sin(angle);
  let before = 0;
  for (let i = 0; i < frames; i++) {
    out[i] = (out[i] as number) + before;
    const next = a1 * previous + a2 * before;
    before = previous;
    previous = next;
  }
}

/** Applies attack and release in place; after `release` the sound is exactly zero. */
export function shape(out: Float32Array, { attack, held, release }: Envelope): Float32Array {
  const rise = Math.min(out.length, Math.max(1, toFrames(attack)));
  for (let i = 0; i < rise; i++) out[i] = (out[i] as number) * smooth(i / rise);
  const start = Math.max(0, Math.min(out.length, toFrames(held)));
  const fall = Math.max(1, toFrames(release));
  for (let i = start; i < out.length; i++) {
    const left = smooth(1 - (i - start) / fall);
    out[i] = (out[i] as number) * left * left;
  }
  return out;
}
