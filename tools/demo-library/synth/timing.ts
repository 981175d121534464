import type { Score } from "../score.ts";

/** The last beat is slower than the first by this share. */
const SLOWING = 0.45;

/** The beats from the start to the end of the longest part. */
export function lengthInBeats(score: Score): number {
  return Math.max(...score.parts.map((part) => part.phrase.beats));
}

/** Seconds from the start to a beat: with the swing of quavers, a tempo that rises, a slowing at the end. */
export function toSeconds(score: Score): (beat: number) => number {
  const { tempo, finalTempo = tempo, ritardando, swing = 0.5 } = score;
  const length = lengthInBeats(score);
  const gain = (finalTempo - tempo) / (tempo * length);
  return (beat) => {
    const swung = swingOf(beat, swing);
    // The integral of 60 / (tempo of the beat), which rises in a line.
    const beats = gain === 0 ? swung : Math.log1p(gain * swung) / gain;
    return (60 / tempo) * (beats + (ritardando === undefined ? 0 : lateness(swung, length, ritardando)));
  };
}

function lateness(beat: number, length: number, ritardando: number): number {
  const into = Math.max(0, beat - length + ritardando);
  return (SLOWING * into * into) / (2 * ritardando);
}

/** Moves what lies on the half of a beat to where the swing has it, and the rest in proportion. */
function swingOf(beat: number, half: number): number {
  const whole = Math.floor(beat);
  const part = beat - whole;
  return whole + (part < 0.5 ? part * 2 * half : half + (part - 0.5) * 2 * (1 - half));
}
