import type { Note, Phrase } from "./phrase.ts";
import { NotationError, raisedAbove, toMidi } from "./pitch.ts";
import { readTokens, TOLERANCE, type Token } from "./token.ts";

/** The MIDI number of the lowest note that a bass plays: E1. */
const LOWEST_BASS = 28;

const QUALITIES: Record<string, readonly number[]> = {
  "": [0, 4, 7],
  m: [0, 3, 7],
  "7": [0, 4, 7, 10],
  m7: [0, 3, 7, 10],
  maj7: [0, 4, 7, 11],
  "6": [0, 4, 7, 9],
  m6: [0, 3, 7, 9],
  sus4: [0, 5, 7],
  add9: [0, 2, 4, 7],
  dim: [0, 3, 6],
  dim7: [0, 3, 6, 9],
  five: [0, 7],
};
const CHORD = /^([A-G][#b]?)([^/]*)(?:\/([A-G][#b]?))?$/;

/** The tones of a chord, lowest first, and the note under it. */
type Chord = { bass: number; tones: number[] };

/** Voices a symbol such as `F#m7` or `C/E` closely around a centre, so that one chord leads to the next. */
function toChord(symbol: string, centre: number): Chord {
  const [, root = "", quality = "", slash] = CHORD.exec(symbol) ?? [];
  const intervals = QUALITIES[quality];
  if (root === "" || intervals === undefined) throw new NotationError(`"${symbol}" is not a chord`);
  const tonic = toMidi(`${root}4`);
  const tones = intervals.map((interval) => raisedAbove(tonic + interval, centre - 6));
  return { bass: raisedAbove(toMidi(`${slash ?? root}4`), LOWEST_BASS), tones: tones.sort((a, b) => a - b) };
}

/** Where the chords lie and how loud they are (0 to 1). */
export type Accompaniment = { around: string; velocity?: number };

/**
 * Plays chords (`Am:3 G7 C/E:1.5 r:1`) by a pattern of their tones (`b:1 1+2+3 1+2+3`): `b` is the bass, `1` the
 * lowest tone, numbers beyond the chord go on an octave higher, `r` rests. The pattern begins anew with each chord.
 */
export function accompany(
  chords: string,
  pattern: string,
  { around, velocity = 0.6 }: Accompaniment,
): Phrase {
  const steps = readTokens(pattern);
  const notes: Note[] = [];
  let beat = 0;
  for (const { name, beats } of readTokens(chords.replaceAll("|", " "))) {
    if (name !== "r") notes.push(...play(toChord(name, toMidi(around)), steps, { beat, beats, velocity }));
    beat += beats;
  }
  return { beats: beat, notes };
}

type Span = { beat: number; beats: number; velocity: number };

function play(chord: Chord, steps: readonly Token[], { beat, beats, velocity }: Span): Note[] {
  const notes: Note[] = [];
  let at = 0;
  for (let i = 0; at < beats - TOLERANCE; i++) {
    const step = steps[i % steps.length];
    if (step === undefined) throw new NotationError("a pattern needs a step");
    const length = Math.min(step.beats, beats - at);
    const names = step.name === "r" ? [] : step.name.split("+");
    for (const name of names)
      notes.push({ beat: beat + at, beats: length, midi: toneOf(chord, name), velocity });
    at += step.beats;
  }
  return notes;
}

function toneOf({ bass, tones }: Chord, name: string): number {
  if (name === "b") return bass;
  const index = Number(name) - 1;
  const tone = tones[index % tones.length];
  if (tone === undefined) throw new NotationError(`"${name}" is not a tone of a chord`);
  return tone + 12 * Math.floor(index / tones.length);
}
