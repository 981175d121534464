import { accompany } from "../notation/chords.ts";
import { melody } from "../notation/melody.ts";
import { dynamics, join, type Phrase, rest, swell, times, transpose } from "../notation/phrase.ts";
import { rhythm } from "../notation/rhythm.ts";
import type { Score } from "../score.ts";

const CANON_LINES = [
  "F#5:1 E5 D5 C#5 B4 A4 B4 C#5",
  "D5:1 C#5 B4 A4 G4 F#4 G4 E4",
  "D4:.5 F#4 A4 G4 F#4 D4 F#4 E4 D4 B3 D4 A4 G4 B4 A4 G4",
  "F#4:.5 D4 E4 C#5 D5 F#5 A5 A4 B4 G4 A4 F#4 D4 D5 D5:.75 C#5:.25",
  "D5:.5 C#5 D5 D4 C#4 A4 E4 F#4 D4 D5 C#5 B4 C#5 F#5 A5 B5",
  "G5:.5 F#5 E5 G5 F#5 E5 D5 C#5 B4 A4 G4 F#4 E4 G4 F#4 E4",
  `A5:.25 F#5:.125 G5 A5:.25 F#5:.125 G5 A5 A4 B4 C#5 D5 E5 F#5 G5 F#5:.25 D5:.125 E5 F#5:.25 F#4:.125 G4 A4 B4
   A4 G4 A4 F#4 G4 A4 G4:.25 B4:.125 A4 G4:.25 F#4:.125 E4 F#4 E4 D4 E4 F#4 G4 A4 B4 G4:.25 B4:.125 A4 B4:.25
   C#5:.125 D5 A4 B4 C#5 D5 E5 F#5 G5 A5`,
  "F#5:1 E5 D5 C#5 B4 A4 B4 C#5",
];
const GROUND = "D3:1 A2 B2 F#2 G2 D2 G2 A2";

/** Johann Pachelbel, Canon in D: three voices eight beats apart over the ground. */
export function canonInD(): Score {
  const lines = CANON_LINES.map((line) => melody(8, line));
  const rounds = CANON_LINES.length;
  const voice = (delay: number, end: string): Phrase =>
    join(rest(8 * delay), ...lines.slice(0, rounds - delay), melody(8, end));
  const chords = "D:1 A Bm F#m G D G A ".repeat(rounds);
  return {
    tempo: 56,
    meter: 4,
    ritardando: 6,
    room: 2.3,
    parts: [
      { voice: "strings", phrase: voice(0, "D5:4"), pan: -0.5, gain: 0.8 },
      { voice: "strings", phrase: voice(1, "A4:4"), pan: 0.45, gain: 0.75 },
      { voice: "strings", phrase: voice(2, "F#4:4"), pan: 0, gain: 0.7 },
      { voice: "bass", phrase: join(times(rounds, melody(8, GROUND)), melody(8, "D2:4")), gain: 0.7 },
      {
        voice: "harp",
        phrase: accompany(`${chords} D:4`, "1:.25 2 3 2", { around: "A3", velocity: 0.4 }),
        gain: 0.55,
        width: 0.3,
      },
    ],
  };
}

const JOY = `
  F#4:1 F#4 G4 A4 | A4 G4 F#4 E4 | D4 D4 E4 F#4 | F#4:1.5 E4:.5 E4:2 | F#4:1 F#4 G4 A4 | A4 G4 F#4 E4
  | D4 D4 E4 F#4 | E4:1.5 D4:.5 D4:2 | E4:1 E4 F#4 D4 | E4 F#4:.5 G4 F#4:1 D4 | E4 F#4:.5 G4 F#4:1 E4 | D4 E4 A3:2
  | @.85 F#4:1 F#4 G4 A4 | A4 G4 F#4 E4 | D4 D4 E4 F#4 | E4:1.5 D4:.5 D4:2 |`;
const JOY_CHORDS = `
  D:4 A7 D:2 Bm A7:4 D:4 A7 D:2 G A7 D A7:4 A7:2 D A7:2 F#m Bm:1 E7 A:2 D:4 A7 D:2 G A7 D`;

/** Ludwig van Beethoven, Ode to Joy, from the finale of the Ninth Symphony. */
export function odeToJoy(): Score {
  return {
    tempo: 112,
    meter: 4,
    ritardando: 4,
    room: 2.1,
    parts: [
      { voice: "strings", phrase: melody(4, JOY), width: 0.3, reverb: 0.3 },
      { voice: "organ", phrase: accompany(JOY_CHORDS, "1+2+3:4", { around: "F#3" }), gain: 0.55, width: 0.5 },
      { voice: "guitar", phrase: accompany(JOY_CHORDS, "1:.5 2 3 2", { around: "A3" }), gain: 0.5, pan: 0.4 },
      { voice: "bass", phrase: accompany(JOY_CHORDS, "b:2", { around: "D3", velocity: 0.75 }), gain: 0.9 },
    ],
  };
}

const LARGO_THEME = `
  E4:.75 G4:.25 G4:1 E4:.75 D4:.25 C4:1 | D4:.75 E4:.25 G4:.75 E4:.25 D4:2
  | E4:.75 G4:.25 G4:1 E4:.75 D4:.25 C4:1 | D4:.5 E4 D4:.75 C4:.25 C4:2 |`;
const LARGO_MIDDLE = `
  A4:.75 C5:.25 C5:1 B4:.5 G4 A4:1 | A4:.5 C5 B4 G4 A4:2 | A4:.75 C5:.25 C5:1 B4:.5 G4 A4:1 | A4:.5 C5 B4 G4 A4:2 |`;
const LARGO_CHORDS = "C:2 Am G:4 C:2 Am G C";

/** Antonín Dvořák, Largo from the symphony From the New World: its song. */
export function largo(): Score {
  const theme = melody(4, LARGO_THEME);
  const tune = join(rest(4), theme, dynamics(1.1, melody(4, LARGO_MIDDLE)), dynamics(0.9, theme), rest(2));
  const chords = `C:2 G/B ${LARGO_CHORDS} Am:2 Em:1 Am F G Am:2 Am Em:1 Am F G E7:2 ${LARGO_CHORDS} C:2`;
  return {
    tempo: 58,
    meter: 4,
    ritardando: 6,
    room: 2.8,
    parts: [
      { voice: "flute", phrase: tune, gain: 1, pan: 0.1, reverb: 0.4 },
      {
        voice: "strings",
        phrase: accompany(chords, "1+2+3:2", { around: "E3", velocity: 0.4 }),
        gain: 0.5,
        width: 0.5,
      },
      {
        voice: "pad",
        phrase: accompany(chords, "b:2", { around: "E3", velocity: 0.5 }),
        gain: 0.7,
        width: 0.3,
      },
      {
        voice: "harp",
        phrase: accompany(chords, "1:.5 2 3 4", { around: "G3", velocity: 0.35 }),
        gain: 0.7,
        pan: -0.35,
      },
    ],
  };
}

const MOUNTAIN_HOME = `
  B2:.5 C#3 D3 E3 F#3 D3 F#3:1 | F3:.5 C#3 F3:1 E3:.5 C3 E3:1 | B2:.5 C#3 D3 E3 F#3 D3 F#3 B3
  | A3 F#3 D3 F#3 A3:2 |`;
const MOUNTAIN_AWAY = `
  F#3:.5 G#3 A#3 B3 C#4 A#3 C#4:1 | D4:.5 A#3 D4:1 C#4:.5 A#3 C#4:1 | F#3:.5 G#3 A#3 B3 C#4 A#3 C#4:1
  | D4:.5 A#3 D4:1 C#4:2 |`;

/** Edvard Grieg, In the Hall of the Mountain King: three rounds, each fuller, faster all the way. */
export function mountainKing(): Score {
  const tune = join(melody(4, MOUNTAIN_HOME), melody(4, MOUNTAIN_AWAY), melody(4, MOUNTAIN_HOME));
  const chords = "Bm:4 F#7:2 C Bm:4 D F#7:4 F#7 F#7 F#7 Bm:4 F#7:2 C Bm:4 D ";
  const beats = (pattern: string, velocity: number) =>
    accompany(chords, pattern, { around: "F#3", velocity });
  const close = accompany("Bm:1 r Bm r Bm:2", "b+1+2+3:2", { around: "F#3", velocity: 0.9 });
  return {
    tempo: 112,
    finalTempo: 178,
    meter: 4,
    room: 1.6,
    parts: [
      { voice: "guitar", phrase: join(dynamics(0.8, tune), rest(96)), gain: 1.2, pan: -0.2 },
      { voice: "marimba", phrase: join(rest(48), transpose(12, times(2, tune))), gain: 0.9, pan: 0.25 },
      {
        voice: "strings",
        phrase: join(rest(96), transpose(24, swell(0.8, 1.1, tune)), close),
        gain: 0.8,
        width: 0.4,
      },
      { voice: "bass", phrase: swell(0.6, 1.2, join(times(3, beats("b:1 r", 0.8)), close)), gain: 0.9 },
      {
        voice: "lute",
        phrase: join(rest(48), swell(0.6, 1.2, times(2, beats("r:.5 1+2+3", 0.5))), close),
        gain: 0.5,
        pan: 0.4,
      },
      { voice: "shaker", phrase: join(rest(48), rhythm(0.5, "xoxo".repeat(48))), gain: 0.5, pan: 0.5 },
      { voice: "kick", phrase: join(rest(96), rhythm(1, "x-o-".repeat(12)), rhythm(1, "x-x-x")), gain: 0.8 },
    ],
  };
}

/** Beats are quavers. */
const MORNING = `
  B4:1 G#4 F#4 E4 F#4 G#4 | B4 G#4 F#4 E4 F#4:.5 G#4 F#4 G#4 | B4:1 G#4 B4 C#5 G#4 C#5 | B4 G#4 F#4 E4:3 |`;

/** Edvard Grieg, Morning Mood from Peer Gynt: its theme, wandering through keys a third apart. */
export function morningMood(): Score {
  const theme = melody(6, MORNING);
  const higher = transpose(4, theme);
  const end = melody(6, "B4:1 G#4 F#4 E4:3 | B4:1 G#4 F#4 E4:3 | E5:6 |");
  const chords = (keys: readonly string[]) => keys.map((key) => `${key}:6 ${key} ${key} ${key}`).join(" ");
  const harmony = `${chords(["E", "G#", "E", "B", "E"])} C#m:6 A E`;
  return {
    tempo: 150,
    meter: 6,
    ritardando: 9,
    room: 2.6,
    parts: [
      {
        voice: "flute",
        phrase: join(
          transpose(12, theme),
          rest(24),
          transpose(12, theme),
          rest(24),
          transpose(12, theme),
          end,
        ),
        pan: 0.2,
        reverb: 0.4,
      },
      {
        voice: "strings",
        phrase: join(rest(24), higher, rest(24), swell(0.9, 1.2, transpose(7, theme)), rest(42)),
        gain: 0.9,
        width: 0.25,
      },
      {
        voice: "pad",
        phrase: accompany(harmony, "1+2+3:6", { around: "B3", velocity: 0.5 }),
        gain: 0.55,
        width: 0.6,
      },
      {
        voice: "harp",
        phrase: accompany(harmony, "b:1 1 2 3 2 1", { around: "E3", velocity: 0.5 }),
        gain: 0.8,
        pan: -0.3,
      },
    ],
  };
}

const JUPITER = `
  A4:1.5 C5:.5 B4:.75 G4:.25 | C5:.5 D5 C5:1 B4 | A4:.5 B4 A4:1 G4 | E4:2 E4:.5 G4
  | A4:1.5 C5:.5 B4:.75 G4:.25 | C5:.5 D5 E5:1 E5 | E5:.5 D5 C5:1 D5 |`;
const JUPITER_MIDDLE = `
  C5:2 G5:.5 E5 | D5:1 D5 C5:.5 E5 | D5:1 G4 G5:.5 E5 | D5:1 D5 E5:.5 G5 | A5:2 A5:.5 B5 | C6:1 B5 A5 | G5 C6 E5
  | D5:.5 C5 D5:1 E5 | G5:2 E4:.5 G4 |`;
const JUPITER_CHORDS = "Am:2 G:1 F C G F Am G C:3 Am:2 G:1 C Am C/E F Am G";

/** Gustav Holst, the hymn of Jupiter from The Planets. */
export function jupiterHymn(): Score {
  const tune = join(
    melody(3, `E4:.5 G4 | ${JUPITER} @.8 ${JUPITER_MIDDLE}`),
    transpose(12, dynamics(1.15, melody(3, `${JUPITER} C5:3 |`))),
  );
  const chords = `r:1 ${JUPITER_CHORDS} C:3 G:2 C:1 G:3 G:2 C:1 F:3 F:1 G F C:2 Am:1 Dm G C G:3 ${JUPITER_CHORDS} C:3`;
  return {
    tempo: 78,
    meter: 3,
    ritardando: 5,
    room: 2.6,
    parts: [
      { voice: "strings", phrase: tune, width: 0.35, reverb: 0.35 },
      {
        voice: "organ",
        phrase: accompany(chords, "1+2+3:3", { around: "E4", velocity: 0.5 }),
        gain: 0.55,
        width: 0.5,
      },
      {
        voice: "pad",
        phrase: accompany(chords, "b:3", { around: "C3", velocity: 0.7 }),
        gain: 0.7,
        width: 0.2,
      },
      {
        voice: "harp",
        phrase: accompany(chords, "b:.5 1 2 3 4 5", { around: "G3", velocity: 0.5 }),
        gain: 0.6,
        pan: -0.4,
      },
    ],
  };
}
