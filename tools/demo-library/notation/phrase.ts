/** One note of a phrase: start and length in beats, MIDI number, loudness from 0 to 1. */
export type Note = { beat: number; beats: number; midi: number; velocity: number };

/** Notes in the order of their beats, and the beats that they span together with the rests. */
export type Phrase = { beats: number; notes: Note[] };

/** Silence of some beats. */
export function rest(beats: number): Phrase {
  return { beats, notes: [] };
}

/** One phrase after the other. */
export function join(...phrases: Phrase[]): Phrase {
  let beats = 0;
  const notes: Note[] = [];
  for (const phrase of phrases) {
    const start = beats;
    notes.push(...phrase.notes.map((note) => ({ ...note, beat: note.beat + start })));
    beats += phrase.beats;
  }
  return { beats, notes };
}

/** A phrase again and again. */
export function times(count: number, phrase: Phrase): Phrase {
  return join(...Array.from({ length: count }, () => phrase));
}

/** A phrase moved up (or down) by semitones. */
export function transpose(semitones: number, { beats, notes }: Phrase): Phrase {
  return { beats, notes: notes.map((note) => ({ ...note, midi: note.midi + semitones })) };
}

/** A phrase louder or softer. */
export function dynamics(factor: number, { beats, notes }: Phrase): Phrase {
  return { beats, notes: notes.map((note) => ({ ...note, velocity: Math.min(1, note.velocity * factor) })) };
}

/** A phrase that begins at `from` and ends at `to` times its loudness. */
export function swell(from: number, to: number, { beats, notes }: Phrase): Phrase {
  const louder = notes.map((note) => {
    const factor = from + (to - from) * (note.beat / beats);
    return { ...note, velocity: Math.min(1, note.velocity * factor) };
  });
  return { beats, notes: louder };
}
