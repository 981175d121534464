import { SAMPLE_RATE } from "./audio.ts";
import type { Random } from "./random.ts";

/**
 * How a string sounds: seconds for A3 to fall by 60 dB, how much high sound the pluck has (0 to 1), where along
 * the string it is plucked (0 to 0.5), and how fast the string loses its highs (0 to 0.5).
 */
export type StringKind = { sustain: number; brightness: number; position: number; damping: number };

/**
 * A plucked string (Karplus and Strong 1983, tuned with an all-pass as Jaffe and Smith 1983): a burst of noise
 * goes round a delay line of one period through a gentle low-pass.
 */
export function pluck(hertz: number, frames: number, kind: StringKind, random: Random): Float32Array {
  const period = SAMPLE_RATE / hertz;
  // The low-pass delays by about `damping`; the all-pass makes up what is left of a frame.
  const whole = Math.floor(period - kind.damping - 0.3);
  const rest = period - kind.damping - whole;
  const allpass = (1 - rest) / (1 + rest);
  const seconds = kind.sustain * Math.sqrt(220 / hertz);
  const gain = 10 ** (-3 / (seconds * hertz));
  const line = excitation(whole, kind, random);
  const out = new Float32Array(frames);
  let position = 0;
  let last = 0;
  let allpassIn = 0;
  let allpassOut = 0;
  for (let i = 0; i < frames; i++) {
    const sample = line[position] as number;
    const damped = gain * ((1 - kind.damping) * sample + kind.damping * last);
    last = sample;
    allpassOut = allpass * (damped - allpassOut) + allpassIn;
    allpassIn = damped;
    line[position] = allpassOut;
    out[i] = sample;
    position = position + 1 === whole ? 0 : position + 1;
  }
  return out;
}

/** Noise of one period, softened, with the notches of the place where it is plucked, free of DC, at a level of its own. */
function excitation(length: number, { brightness, position }: StringKind, random: Random): Float32Array {
  const noise = new Float32Array(length);
  let low = 0;
  for (let i = -length; i < length; i++) {
    low += brightness * (random() * 2 - 1 - low);
    if (i >= 0) noise[i] = low;
  }
  const shift = Math.max(1, Math.round(length * position));
  const plucked = noise.map((value, i) => value - (noise[(i + length - shift) % length] as number));
  return level(plucked);
}

function level(wave: Float32Array): Float32Array {
  const mean = wave.reduce((sum, value) => sum + value, 0) / wave.length;
  const power = wave.reduce((sum, value) => sum + (value - mean) ** 2, 0) / wave.length;
  const gain = 0.3 / Math.sqrt(power + 1e-12);
  return wave.map((value) => (value - mean) * gain);
}
