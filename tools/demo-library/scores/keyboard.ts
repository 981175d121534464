import { melody } from "../notation/melody.ts";
import { join } from "../notation/phrase.ts";
import type { Score } from "../score.ts";

/** The five notes that each bar of the prelude breaks, lowest first. */
const PRELUDE_BARS = `
  C4 E4 G4 C5 E5 | C4 D4 A4 D5 F5 | B3 D4 G4 D5 F5 | C4 E4 G4 C5 E5 | C4 E4 A4 E5 A5 | C4 D4 F#4 A4 D5
  | B3 D4 G4 D5 G5 | B3 C4 E4 G4 C5 | A3 C4 E4 G4 C5 | D3 A3 D4 F#4 C5 | G3 B3 D4 G4 B4 | G3 Bb3 E4 G4 C#5
  | F3 A3 D4 A4 D5 | F3 Ab3 D4 F4 B4 | E3 G3 C4 G4 C5 | E3 F3 A3 C4 F4 | D3 F3 A3 C4 F4 | G2 D3 G3 B3 F4
  | C3 E3 G3 C4 E4 | C3 G3 Bb3 C4 E4 | F2 F3 A3 C4 E4 | F#2 C3 A3 C4 Eb4 | Ab2 F3 B3 C4 D4 | G2 F3 G3 B3 D4
  | G2 E3 G3 C4 E4 | G2 D3 G3 C4 F4 | G2 D3 G3 B3 F4 | G2 Eb3 A3 C4 F#4 | G2 E3 G3 C4 G4 | G2 D3 G3 C4 F4
  | G2 D3 G3 B3 F4 | C2 C3 G3 Bb3 E4`;
const PRELUDE_END = `
  C2:.25 C3 F3 A3 C4 F4 C4 A3 C4 A3 F3 A3 F3 D3 F3 D3 | C2 B2 G4 B4 D5 F5 D5 B4 D5 B4 G4 B4 D4 F4 E4 D4
  | C2+C3+E4+G4+C5:4 |`;

function brokenTwice(bar: string): string {
  const [low, second, ...upper] = bar.trim().split(/\s+/);
  const half = [low, second, ...upper, ...upper].map((pitch) => `${pitch}:.25`).join(" ");
  return `${half} ${half} |`;
}

/** Johann Sebastian Bach, The Well-Tempered Clavier I, Prelude in C major, BWV 846: the whole piece. */
export function preludeInC(): Score {
  const bars = PRELUDE_BARS.split("|").map(brokenTwice).join(" ");
  const phrase = join(melody(4, `@.62 ${bars}`), melody(4, `@.6 ${PRELUDE_END}`));
  return {
    tempo: 76,
    meter: 4,
    ritardando: 8,
    room: 2.2,
    parts: [{ voice: "piano", phrase, width: 0.22, reverb: 0.3, pedal: 2 }],
  };
}

const MINUET_RIGHT = `
  D5:1 G4:.5 A4 B4 C5 | D5:1 G4 G4 | E5 C5:.5 D5 E5 F#5 | G5:1 G4 G4 | C5 D5:.5 C5 B4 A4 | B4:1 C5:.5 B4 A4 G4
  | F#4:1 G4:.5 A4 B4 G4 | A4:3 | D5:1 G4:.5 A4 B4 C5 | D5:1 G4 G4 | E5 C5:.5 D5 E5 F#5 | G5:1 G4 G4
  | C5 D5:.5 C5 B4 A4 | B4:1 C5:.5 B4 A4 G4 | A4:1 B4:.5 A4 G4 F#4 | G4:3 | @.65 B5:1 G5:.5 A5 B5 G5
  | A5:1 D5:.5 E5 F#5 D5 | G5:1 E5:.5 F#5 G5 D5 | C#5:1 B4:.5 C#5 A4:1 | A4:.5 B4 C#5 D5 E5 F#5 | G5:1 F#5 E5
  | F#5 A4 C#5 | D5:3 | @.75 D5:1 G4:.5 F#4 G4:1 | E5 G4:.5 F#4 G4:1 | D5 C5 B4 | A4:.5 G4 F#4 G4 A4:1
  | D4:.5 E4 F#4 G4 A4 B4 | C5:1 B4 A4 | B4:.5 D5 G4:1 F#4 | G4:3 |`;
const MINUET_LEFT = `
  G3+B3+D4:2 A3:1 | B3:3 | C4 | B3 | A3 | G3 | D4:1 B3 G3 | D4 D3:.5 C4 B3 A3 | B3:2 A3:1 | G3 B3 G3 | C4:3
  | B3:1 C4:.5 B3 A3 G3 | A3:2 F#3:1 | G3:2 B3:1 | C4 D4 D3 | G3:2 G2:1 | G3:3 | F#3 | E3:1 G3 E3 | A3:2 A2:1
  | A3:3 | B3:1 D4 C#4 | D4 F#3 A3 | D4 D3 C4 | B3+D4:2 B3:1 | C4+E4:2 C4:1 | B3 A3 G3 | D4:2 r:1 | D3:2 F#3:1
  | E3 G3 F#3 | G3 B2 D3 | G3+D3+G2:3 |`;

/** Christian Petzold, Minuet in G major from the Notebook for Anna Magdalena Bach, without the repeats. */
export function minuetInG(): Score {
  return {
    tempo: 144,
    meter: 3,
    ritardando: 3,
    room: 1.4,
    parts: [
      { voice: "lute", phrase: melody(3, MINUET_RIGHT), gain: 1.15, pan: 0.18 },
      { voice: "guitar", phrase: melody(3, MINUET_LEFT), gain: 0.75, pan: -0.3 },
    ],
  };
}

/** Beats are quavers. The theme begins after its upbeat E D#. */
const ELISE_THEME = `
  E5:.5 D#5 E5 B4 D5 C5 | A4:1 r:.5 C4 E4 A4 | B4:1 r:.5 E4 G#4 B4 | C5:1 r:.5 E4 E5 D#5
  | E5 D#5 E5 B4 D5 C5 | A4:1 r:.5 C4 E4 A4 | B4:1 r:.5 E4 C5 B4 |`;
const ELISE_MIDDLE = `
  E5:1.5 G4:.5 F5 E5 | D5:1.5 F4:.5 E5 D5 | C5:1.5 E4:.5 D5 C5 | B4:1 r:.5 E4 E5 r | r E5 E6 r r D#5
  | E5 r r D#5 E5 D#5 |`;
const ELISE_THEME_LEFT = `
  r:3 | A2:.5 E3 A3 r:1.5 | E2:.5 E3 G#3 r:1.5 | A2:.5 E3 A3 r:1.5 | r:3 | A2:.5 E3 A3 r:1.5 | E2:.5 E3 G#3 r:1.5
  | A2:.5 E3 A3 r:1.5 |`;
const ELISE_MIDDLE_LEFT = `
  C3:.5 G3 C4 r:1.5 | G2:.5 G3 B3 r:1.5 | A2:.5 E3 A3 r:1.5 | E2:.5 E3 E4 r:1.5 | r:3 | r:3 |`;

/** Ludwig van Beethoven, Für Elise, WoO 59: the rondo theme and the first lines after it. */
export function furElise(): Score {
  const again = "A4:1 r E5:.5 D#5 |";
  const onward = "A4:1 r:.5 B4 C5 D5 |";
  const last = "A4:3 |";
  const right = `@.68 E5:.5 D#5 | ${ELISE_THEME} ${again} ${ELISE_THEME} ${onward} @.8 ${ELISE_MIDDLE} @.66
    ${ELISE_THEME} ${onward} @.8 ${ELISE_MIDDLE} @.6 ${ELISE_THEME} ${last}`;
  const left = `@.5 r:1 | ${ELISE_THEME_LEFT} ${ELISE_THEME_LEFT} ${ELISE_MIDDLE_LEFT} ${ELISE_THEME_LEFT}
    ${ELISE_MIDDLE_LEFT} ${ELISE_THEME_LEFT}`;
  return {
    tempo: 138,
    meter: 3,
    ritardando: 6,
    room: 2,
    parts: [
      { voice: "piano", phrase: melody(3, right), pan: 0.12, reverb: 0.3 },
      { voice: "piano", phrase: melody(3, left), pan: -0.15, reverb: 0.3, pedal: 3 },
    ],
  };
}

const GYMNOPEDIE_MELODY = `
  r:3 | r | r | r | r:1 F#5 A5 | G5 F#5 C#5 | B4 C#5 D5 | A4:3 | F#4:12 | r:1 F#5 A5 | G5 F#5 C#5 | B4 C#5 D5
  | A4:3 | C#5 | F#5 | E4:9 | A4:1 B4 C5 | E5 D5 B4 | D5 C5 B4 | D5:5 D5:1 | E5 F5 G5 | A5 C5 D5
  | E5 D5 B4 | D5:5 D5:1 | G5:3 | F#5 | B4:1 A4 B4 | C#5 D5 E5 | C#5 D5 E5 | F#4:3 | E4:3 | D4+F#4:3 |`;
const SWAY = "G2 B3+D4+F#4 | D2 A3+C#4+F#4 | ";
const GYMNOPEDIE_CHORDS = `
  F#2 A3+C#4+F#4 | B1 B3+D4+F#4 | E2 G3+B3+E4 | E2 B3+D4+G4 | D2 A3+D4+F4 | A1 A3+C4+E4 | D2 G3+B3+E4
  | A1 G3+C4+E4 | D2 A3+D4+F#4 | D2 A3+C4+F#4 | D2 A3+C4+F4 | F2 A3+C4+F4 | E2 G3+B3+E4 | D2 A3+C4+F#4
  | D2 A3+C4+F#4 | E2 G3+B3+E4 | F#2 A3+C#4+F#4 | B1 A3+D4+F#4 | A1 A3+C#4+E4 | A1 G3+C#4+E4 | D2 A3+D4
  | A1 G3+C4+E4 |`;

/** Erik Satie, Gymnopédie No. 1: melody and swaying chords, in a shortened form. */
export function gymnopedie(): Score {
  const bars = `${SWAY.repeat(8)} ${GYMNOPEDIE_CHORDS}`;
  const sway = bars.replaceAll(/(\S+)\s+(\S+)\s+\|/g, "$1:1 $2:2 |");
  const bass = bars.replaceAll(/(\S+)\s+(\S+)\s+\|/g, "$1:3 |");
  // Tied notes cross bar lines, so the melody is counted in one run.
  const tune = GYMNOPEDIE_MELODY.replaceAll("|", " ");
  return {
    tempo: 80,
    meter: 3,
    ritardando: 6,
    room: 2.6,
    parts: [
      { voice: "piano", phrase: melody(Number.POSITIVE_INFINITY, `@.72 ${tune}`), pan: 0.1, reverb: 0.36 },
      { voice: "electricPiano", phrase: melody(3, `@.42 ${sway} D2+A3+D4+F#4:3 |`), pan: -0.12, reverb: 0.4 },
      { voice: "pad", phrase: melody(3, `@.35 ${bass} D2:3 |`), gain: 0.4, width: 0.5, reverb: 0.3 },
    ],
  };
}
