import { accompany } from "../notation/chords.ts";
import { melody } from "../notation/melody.ts";
import { dynamics, join, rest, transpose } from "../notation/phrase.ts";
import type { Score } from "../score.ts";

const WIEGENLIED = `
  A4:.5 A4 | C5:1.5 A4:.5 A4:1 | C5:2 A4:.5 C5 | F5:1 E5:1.5 D5:.5 | D5:1 C5 G4:.5 A4 | Bb4:1 G4 G4:.5 A4
  | Bb4:2 G4:.5 Bb4 | E5 D5 C5:1 E5 | F5:2 F4:.5 F4 | F5:2 D5:.5 Bb4 | C5:2 A4:.5 F4 | Bb4:1 C5 D5 | C5:2 F4:.5 F4
  | F5:2 D5:.5 Bb4 | C5:2 A4:.5 F4 | Bb4:1 A4 G4 | F4:3 |`;
const WIEGENLIED_CHORDS = "F:3 F F C7 C7 C7 C7 F Bb F C7 F Bb F C7 F ";

/** Johannes Brahms, Wiegenlied, op. 49 no. 4: the music box, then the music box with strings. */
export function wiegenlied(): Score {
  const verse = melody(3, WIEGENLIED);
  const chords = `r:1 ${WIEGENLIED_CHORDS.repeat(2)} F:3`;
  const second = join(rest(48), dynamics(0.6, verse));
  return {
    tempo: 84,
    meter: 3,
    ritardando: 6,
    room: 2.8,
    parts: [
      // The second verse's upbeat is the last beat of the first.
      {
        voice: "musicBox",
        phrase: transpose(12, join({ ...verse, beats: 48 }, verse)),
        pan: 0.08,
        reverb: 0.4,
      },
      {
        voice: "harp",
        phrase: accompany(chords, "b:.5 1 2 3 2 1", { around: "A3", velocity: 0.5 }),
        gain: 0.7,
        pan: -0.25,
        pedal: 3,
      },
      { voice: "strings", phrase: second, gain: 0.4, width: 0.4, reverb: 0.4 },
      {
        voice: "pad",
        phrase: accompany(chords, "1+2+3:3", { around: "F3", velocity: 0.35 }),
        gain: 0.45,
        width: 0.6,
      },
    ],
  };
}

const TWINKLE = `
  C5:1 C5 G5 G5 | A5 A5 G5:2 | F5:1 F5 E5 E5 | D5 D5 C5:2 | G5:1 G5 F5 F5 | E5 E5 D5:2 | G5:1 G5 F5 F5 | E5 E5 D5:2
  | C5:1 C5 G5 G5 | A5 A5 G5:2 | F5:1 F5 E5 E5 | D5 D5 C5:2 |`;
const TWINKLE_CHORDS = "C:4 F:2 C F C G7 C C G7 C G7 C G7 C G7 C:4 F:2 C F C G7 C ";

/** Ah! vous dirai-je, maman, the tune of Twinkle, Twinkle, Little Star. */
export function twinkle(): Score {
  return {
    tempo: 100,
    meter: 4,
    ritardando: 4,
    room: 2.2,
    parts: [
      { voice: "musicBox", phrase: join(melody(4, TWINKLE), rest(2)), pan: 0.1, reverb: 0.35 },
      {
        voice: "electricPiano",
        phrase: accompany(`${TWINKLE_CHORDS} C`, "1:.5 3 2 3", { around: "E4", velocity: 0.45 }),
        gain: 0.6,
        width: 0.25,
      },
      {
        voice: "bass",
        phrase: accompany(`${TWINKLE_CHORDS} C`, "b:2", { around: "C3", velocity: 0.6 }),
        gain: 0.7,
      },
      {
        voice: "pad",
        phrase: accompany(`${TWINKLE_CHORDS} C`, "1+2+3:2", { around: "G3", velocity: 0.3 }),
        gain: 0.35,
        width: 0.6,
      },
    ],
  };
}

/** Beats are quavers. */
const STILLE_NACHT = `
  G4:1.5 A4:.5 G4:1 E4:3 | G4:1.5 A4:.5 G4:1 E4:3 | D5:2 D5:1 B4:3 | C5:2 C5:1 G4:3 | A4:2 A4:1 C5:1.5 B4:.5 A4:1
  | G4:1.5 A4:.5 G4:1 E4:3 | A4:2 A4:1 C5:1.5 B4:.5 A4:1 | G4:1.5 A4:.5 G4:1 E4:3 | D5:2 D5:1 F5:1.5 D5:.5 B4:1
  | C5:3 E5:3 | C5:1.5 G4:.5 E4:1 G4:1.5 F4:.5 D4:1 | C4:6 |`;

/** Franz Xaver Gruber, Stille Nacht: guitar, as at its first night, and a second voice below. */
export function stilleNacht(): Score {
  const chords = "C:6 C C G7 C F C F C G7 C C:3 G7 C:6";
  return {
    tempo: 104,
    meter: 6,
    ritardando: 8,
    room: 2.8,
    parts: [
      { voice: "piano", phrase: join(rest(6), melody(6, STILLE_NACHT)), pan: 0.08, reverb: 0.4 },
      {
        voice: "musicBox",
        phrase: join(rest(6), transpose(12, dynamics(0.45, melody(6, STILLE_NACHT)))),
        gain: 0.5,
        pan: 0.35,
        reverb: 0.5,
      },
      {
        voice: "guitar",
        phrase: accompany(chords, "b:1 1 2 3 2 1", { around: "G3", velocity: 0.55 }),
        gain: 0.75,
        pan: -0.25,
        pedal: 6,
      },
      {
        voice: "pad",
        phrase: accompany(chords, "1+2+3:6", { around: "E3", velocity: 0.4 }),
        gain: 0.5,
        width: 0.6,
      },
    ],
  };
}
