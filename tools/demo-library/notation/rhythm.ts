import type { Note, Phrase } from "./phrase.ts";
import { NotationError } from "./pitch.ts";

const STROKES: Record<string, number> = { x: 0.8, o: 0.45, "-": 0 };

/** A rhythm without pitch: `x` strikes, `o` strikes softly, `-` waits; each for `step` beats. */
export function rhythm(step: number, text: string): Phrase {
  const strokes = [...text.replaceAll(/[\s|]/g, "")];
  const notes = strokes.flatMap((stroke, index): Note[] => {
    const velocity = STROKES[stroke];
    if (velocity === undefined) throw new NotationError(`"${stroke}" is not a stroke`);
    return velocity === 0 ? [] : [{ beat: index * step, beats: step, midi: 60, velocity }];
  });
  return { beats: strokes.length * step, notes };
}
