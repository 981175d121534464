import { shape } from "./additive.ts";
import { SAMPLE_RATE } from "./audio.ts";
import type { Random } from "./random.ts";
import type { Voice } from "./voices.ts";
import { buffer } from "./wavetable.ts";

/** Noise of a share of high frequencies that dies away. */
function noise(seconds: number, decay: number, high: number, random: Random): Float32Array {
  const out = buffer(seconds);
  let low = 0;
  for (let i = 0; i < out.length; i++) {
    const white = random() * 2 - 1;
    low += high * (white - low);
    out[i] = (white - low) * Math.exp(-i / (decay * SAMPLE_RATE));
  }
  return out;
}

function scaled(sound: Float32Array, gain: number, attack: number, seconds: number): Float32Array {
  for (let i = 0; i < sound.length; i++) sound[i] = (sound[i] as number) * gain;
  return shape(sound, { attack, held: seconds * 0.7, release: seconds * 0.3 });
}

/** A felt beater: a sine that drops in pitch. */
const kick: Voice = ({ velocity }) => {
  const out = buffer(0.35);
  let phase = 0;
  for (let i = 0; i < out.length; i++) {
    const seconds = i / SAMPLE_RATE;
    phase += (2 * Math.PI * (48 + 70 * Math.exp(-seconds / 0.025))) / SAMPLE_RATE;
    out[i] = Math.sin(phase) * Math.exp(-seconds / 0.11);
  }
  return scaled(out, 0.55 * velocity, 0.002, 0.35);
};

const brush: Voice = ({ velocity, random }) =>
  scaled(noise(0.22, 0.06, 0.35, random), 0.2 * velocity, 0.012, 0.22);

const shaker: Voice = ({ velocity, random }) =>
  scaled(noise(0.09, 0.025, 0.6, random), 0.16 * velocity, 0.014, 0.09);

const hat: Voice = ({ velocity, random }) =>
  scaled(noise(0.07, 0.014, 0.8, random), 0.18 * velocity, 0.001, 0.07);

/** What keeps time: sounds without a pitch, whatever the note. */
export const drums = { kick, brush, shaker, hat } satisfies Record<string, Voice>;

export type DrumName = keyof typeof drums;
