import type { Phrase } from "./notation/phrase.ts";
import type { DrumName } from "./synth/drums.ts";
import type { VoiceName } from "./synth/voices.ts";

/** A part of a score. */
export type Part = {
  voice: VoiceName | DrumName;
  phrase: Phrase;
  /** Level of the part, 1 for a melody. */
  gain?: number;
  /** Place from -1 (left) to 1 (right). */
  pan?: number;
  /** Two players, spread this far to both sides. */
  width?: number;
  /** How much goes to the room, 0 to 1. */
  reverb?: number;
  /** Notes ring on to the next multiple of so many beats, as with a piano's pedal. */
  pedal?: number;
};

/** A piece of music: tempo in beats a minute, and the parts that sound together; the first is the melody. */
export type Score = {
  tempo: number;
  /** Tempo at the end, where the music gets faster all the way. */
  finalTempo?: number;
  /** Beats of a bar, for the stress on its first one. */
  meter: number;
  /** Where the second of two quavers falls within its beat: 1/2 even, 2/3 swung. */
  swing?: number;
  /** Beats over which the end slows down. */
  ritardando?: number;
  /** Seconds until the room has fallen by 60 dB. */
  room?: number;
  parts: Part[];
};
