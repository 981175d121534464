import type { Note, Phrase } from "./phrase.ts";
import { NotationError, toMidi } from "./pitch.ts";
import { readToken, TOLERANCE, wordsOf } from "./token.ts";

/** A change of loudness such as `@.7`. */
const LOUDNESS = /^@(\d*\.?\d+)$/;
const DEFAULT_VELOCITY = 0.75;

type Reader = { notes: Note[]; beat: number; beats: number; velocity: number };

/**
 * Reads a melody such as `A4 | C5:2 D5:1 r:.5 E4+G4:1/3 @.6 F4 |`.
 * A pitch, a rest `r` or a chord joined by `+` may have a length in beats, which stays until the next one;
 * `@` sets the loudness. The first bar may be an upbeat and the last may be short; one between that is not full,
 * like any word that cannot be read, is a NotationError that names the bar.
 */
export function melody(beatsPerBar: number, text: string): Phrase {
  const bars = text.trim().replace(/\|$/, "").split("|");
  const reader: Reader = { notes: [], beat: 0, beats: 1, velocity: DEFAULT_VELOCITY };
  for (const [index, bar] of bars.entries()) {
    const start = reader.beat;
    readBar(reader, bar, index);
    const length = reader.beat - start;
    const mayBeShort = index === 0 || index === bars.length - 1;
    if (!isLength(length, beatsPerBar, mayBeShort)) {
      throw new NotationError(`bar ${index}: has ${length} beats, not ${beatsPerBar}`);
    }
  }
  return { beats: reader.beat, notes: reader.notes };
}

function isLength(length: number, beatsPerBar: number, mayBeShort: boolean): boolean {
  return Math.abs(length - beatsPerBar) < TOLERANCE || (mayBeShort && length < beatsPerBar);
}

function readBar(reader: Reader, bar: string, index: number): void {
  for (const word of wordsOf(bar)) {
    try {
      readWord(reader, word);
    } catch (error) {
      throw error instanceof NotationError ? new NotationError(`bar ${index}: ${error.message}`) : error;
    }
  }
}

function readWord(reader: Reader, word: string): void {
  const loudness = LOUDNESS.exec(word)?.[1];
  if (loudness !== undefined) {
    reader.velocity = Number(loudness);
    return;
  }
  const { name, beats } = readToken(word, reader.beats);
  const { beat, velocity } = reader;
  const pitches = name === "r" ? [] : name.split("+");
  for (const pitch of pitches) reader.notes.push({ beat, beats, midi: toMidi(pitch), velocity });
  reader.beats = beats;
  reader.beat += beats;
}
