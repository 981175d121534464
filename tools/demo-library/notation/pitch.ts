/** A mistake in a score; the message names the token and, where there is one, the bar. */
export class NotationError extends Error {
  override name = "NotationError";
}

const SEMITONES: Record<string, number> = { C: 0, D: 2, E: 4, F: 5, G: 7, A: 9, B: 11 };
const ACCIDENTALS: Record<string, number> = { "": 0, "#": 1, b: -1 };
const PITCH = /^([A-G])([#b]?)(-?\d)$/;

/** The MIDI number of a pitch in scientific notation: `C4` is 60. */
export function toMidi(pitch: string): number {
  const [, letter = "", accidental = "", octave = ""] = PITCH.exec(pitch) ?? [];
  const semitone = SEMITONES[letter];
  if (semitone === undefined) throw new NotationError(`"${pitch}" is not a pitch`);
  return semitone + (ACCIDENTALS[accidental] ?? 0) + 12 * (Number(octave) + 1);
}

/** The same pitch class in the octave that begins at `floor`. */
export function raisedAbove(midi: number, floor: number): number {
  return floor + ((((midi - floor) % 12) + 12) % 12);
}
