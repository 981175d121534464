import { additive, type Partial, shape } from "./additive.ts";
import { SAMPLE_RATE, toFrames } from "./audio.ts";
import { pluck, type StringKind } from "./pluck.ts";
import type { Random } from "./random.ts";
import { addWave, buffer, type Vibrato, wavetable } from "./wavetable.ts";

/** What a voice is asked to play: pitch, seconds held, loudness (0 to 1), and chance for what is never twice the same. */
type Tone = { hertz: number; held: number; velocity: number; random: Random };

/** An instrument: one tone in, its sound with its own release out, mono, peaking near 0.5 at velocity 1. */
export type Voice = (tone: Tone) => Float32Array;

/** Felt-hammered strings, two a key and slightly apart in tune, so that the tone blooms and then rings on. */
const piano: Voice = ({ hertz, held, velocity, random }) => {
  const partials: Partial[] = [];
  const ring = 2.6 * (220 / hertz) ** 0.55;
  const softness = 0.34 + 0.5 * (1 - velocity) + hertz / 2600;
  for (let n = 1; n <= 14; n++) {
    const stretched = hertz * n * Math.sqrt(1 + 0.00018 * n * n);
    const level = (0.36 * Math.exp(-softness * (n - 1))) / n ** 0.4;
    const decay = ring / (1 + 0.32 * (n - 1));
    partials.push({ hertz: stretched * 1.00022, level: level * 0.62, decay: decay * 0.45 });
    partials.push({
      hertz: stretched * (0.99985 - random() * 1e-4),
      level: level * 0.38,
      decay: decay * 1.5,
    });
  }
  return additive(partials, { attack: 0.004, held, release: 0.35 });
};

/** A comb of steel tines: a pure tone with a short bright strike that is not in tune with it. */
const musicBox: Voice = ({ hertz, velocity, random }) =>
  additive(
    [
      { hertz, level: 0.34, decay: 0.75 },
      { hertz: hertz * 2.002, level: 0.07, decay: 0.45 },
      { hertz: hertz * 3.01, level: 0.05 * velocity, decay: 0.2 },
      { hertz: hertz * 6.27, level: 0.06 * velocity, decay: 0.05 + random() * 0.01 },
      { hertz: hertz * 11.4, level: 0.025 * velocity, decay: 0.018 },
    ],
    { attack: 0.002, held: 1.6, release: 0.9 },
  );

/** Wooden bars over tubes: the fundamental and the double octave it is tuned to. */
const marimba: Voice = ({ hertz, velocity }) =>
  additive(
    [
      { hertz, level: 0.42, decay: 0.42 * (330 / hertz) ** 0.5 },
      { hertz: hertz * 3.98, level: 0.11 * velocity, decay: 0.09 },
      { hertz: hertz * 9.6, level: 0.05 * velocity, decay: 0.03 },
    ],
    { attack: 0.002, held: 1.1, release: 0.4 },
  );

/** Two-operator FM: a body whose brightness fades, and a tine struck above it. */
const electricPiano: Voice = ({ hertz, held, velocity }) => {
  const out = buffer(held + 0.4);
  const step = (2 * Math.PI * hertz) / SAMPLE_RATE;
  const fade = 1.7 * (262 / hertz) ** 0.5;
  for (let i = 0; i < out.length; i++) {
    const seconds = i / SAMPLE_RATE;
    const body = Math.exp(-seconds / fade);
    const index = (0.35 + 1.1 * velocity) * Math.exp(-seconds / 0.55);
    const tine = 0.16 * velocity * Math.exp(-seconds / 0.11) * Math.sin(14 * step * i);
    out[i] = 0.34 * body * (Math.sin(step * i + index * Math.sin(step * i)) + tine);
  }
  return shape(out, { attack: 0.004, held, release: 0.4 });
};

const GUITAR: StringKind = { sustain: 4.2, brightness: 0.35, position: 0.21, damping: 0.46 };
const HARP: StringKind = { sustain: 6, brightness: 0.2, position: 0.43, damping: 0.32 };
const LUTE: StringKind = { sustain: 3, brightness: 0.62, position: 0.12, damping: 0.42 };

function plucked(kind: StringKind, ring: number): Voice {
  return ({ hertz, held, velocity, random }) => {
    const touch = { ...kind, brightness: kind.brightness * (0.55 + 0.45 * velocity) };
    const string = pluck(hertz, toFrames(held + ring), touch, random);
    return shape(string, { attack: 0.0015, held: held + ring * 0.3, release: ring * 0.7 });
  };
}

/** Flue pipes: a few drawbars, a soft start, hardly a tremble. */
const organ: Voice = ({ hertz, held, random }) => {
  const levels = [0.22, 0.12, 0.06, 0.05, 0, 0.02, 0, 0.015];
  const table = wavetable(hertz, (n) => levels[n - 1] ?? 0, levels.length);
  const out = buffer(held + 0.22);
  addWave(out, table, { hertz, phase: random(), gain: 1, vibrato: { rate: 5.1, depth: 0.0012, onset: 0.6 } });
  return shape(out, { attack: 0.045, held, release: 0.22 });
};

type Bowed = {
  attack: number;
  release: number;
  gain: number;
  rolloff: number;
  detune: number;
  vibrato: Vibrato;
};

/** Three players on one part, none quite in tune with the next, behind a mellow filter. */
function ensemble({ attack, release, gain, rolloff, detune, vibrato }: Bowed): Voice {
  return ({ hertz, held, velocity, random }) => {
    const corner = rolloff * (0.7 + 0.6 * velocity);
    const table = wavetable(hertz, (n) => 1 / (n * (1 + ((n * hertz) / corner) ** 2)), 40);
    const out = buffer(held + release);
    for (const cents of [-detune, 0, detune]) {
      const rate = vibrato.rate * (0.93 + 0.14 * random());
      const wave = { hertz: hertz * 2 ** (cents / 1200), phase: random(), gain: gain / 3 };
      addWave(out, table, { ...wave, vibrato: { ...vibrato, rate } });
    }
    return shape(out, { attack: Math.min(attack, held * 0.6), held, release });
  };
}

const strings = ensemble({
  attack: 0.09,
  release: 0.32,
  gain: 0.5,
  rolloff: 1900,
  detune: 5,
  vibrato: { rate: 5.2, depth: 0.0032, onset: 0.35 },
});

const pad = ensemble({
  attack: 0.55,
  release: 1.3,
  gain: 0.5,
  rolloff: 900,
  detune: 8,
  vibrato: { rate: 0.6, depth: 0.0016, onset: 1 },
});

/** A wooden flute: few harmonics, a breath at the start, vibrato that comes late. */
const flute: Voice = ({ hertz, held, velocity, random }) => {
  const levels = [0.4, 0.11 * velocity + 0.04, 0.07, 0.025, 0.012];
  const table = wavetable(hertz, (n) => levels[n - 1] ?? 0, levels.length);
  const out = buffer(held + 0.14);
  addWave(out, table, { hertz, phase: 0, gain: 1, vibrato: { rate: 4.8, depth: 0.0045, onset: 0.7 } });
  addBreath(out, hertz, random);
  return shape(out, { attack: Math.min(0.055, held * 0.4), held, release: 0.14 });
};

/** Noise through a resonance at the pitch: strong for a moment, then barely there. */
function addBreath(out: Float32Array, hertz: number, random: Random): void {
  const f = 2 * Math.sin((Math.PI * Math.min(hertz * 2, 5000)) / SAMPLE_RATE);
  let low = 0;
  let band = 0;
  for (let i = 0; i < out.length; i++) {
    const high = random() * 2 - 1 - low - 0.6 * band;
    band += f * high;
    low += f * band;
    out[i] = (out[i] as number) + band * (0.012 + 0.06 * Math.exp(-i / 2200));
  }
}

/** A double bass, plucked with the flesh of the finger. */
const bass: Voice = ({ hertz, held, velocity }) =>
  additive(
    [
      { hertz, level: 0.42, decay: 1.1 },
      { hertz: hertz * 2.001, level: 0.2 * velocity, decay: 0.6 },
      { hertz: hertz * 3.003, level: 0.1 * velocity, decay: 0.32 },
      { hertz: hertz * 4.006, level: 0.05 * velocity, decay: 0.2 },
    ],
    { attack: 0.007, held, release: 0.16 },
  );

/** Every instrument that a score may name. */
export const voices = {
  piano,
  musicBox,
  marimba,
  electricPiano,
  guitar: plucked(GUITAR, 0.7),
  harp: plucked(HARP, 1.6),
  lute: plucked(LUTE, 0.6),
  organ,
  strings,
  pad,
  flute,
  bass,
} satisfies Record<string, Voice>;

export type VoiceName = keyof typeof voices;
