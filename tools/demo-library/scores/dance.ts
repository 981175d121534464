import { accompany } from "../notation/chords.ts";
import { melody } from "../notation/melody.ts";
import { dynamics, join, rest, times, transpose } from "../notation/phrase.ts";
import { rhythm } from "../notation/rhythm.ts";
import type { Score } from "../score.ts";

const RAG_INTRO = `
  D6:.5 E6 C6 A5:1 B5:.5 G5:1 | D5:.5 E5 C5 A4:1 B4:.5 G4:1 | D4:.5 E4 C4 A3:1 B3:.5 A3 G#3 | G3:1 r G4:1 D5:.5 D#5 |`;
const RAG_INTRO_LEFT = "@.5 r:4 | r | D3:.5 E3 C3 A2:1 B2:.5 A2 G#2 | G2:1 r G2 r |";
const RAG_CALL = "E5:.5 C6:1 E5:.5 C6:1 E5:.5 C6 |";
const RAG_FIRST = `
  ${RAG_CALL} C6:2.5 C6:.5 D6 D#6 | E6 C6 D6 E6:1 B5:.5 D6:1 | C6:3 D5:.5 D#5 |`;
const RAG_STRAIN = `
  ${RAG_FIRST} ${RAG_CALL} C6:3 A5:.5 G5 | F#5 A5 C6 E6:1 D6:.5 C6 A5 | D6:3 D5:.5 D#5 |
  ${RAG_CALL} C6:2.5 C6:.5 D6 D#6 | E6 C6 D6 E6:1 B5:.5 D6:1 | C6:3 C6:.5 D6 |
  E6 C6 D6 E6:1 C6:.5 D6 C6 | E6 C6 D6 E6:1 C6:.5 D6 C6 | E6 C6 D6 E6:1 B5:.5 D6:1 |`;
const RAG_CHORDS = `
  C:2 C7/E F C C/G G7 C:4 C:2 C7/E F C D7:4 G7 C:2 C7/E F C C/G G7 C:4 C:4 F:2 Fm C/G G7`;

/** Scott Joplin, The Entertainer: introduction and first strain, twice. */
export function entertainer(): Score {
  const right = melody(4, `${RAG_INTRO} ${RAG_STRAIN} C6:3 D5:.5 D#5 | @.68 ${RAG_STRAIN} C6:1 G5 C6:2 |`);
  const stride = (chords: string) => accompany(chords, "b:1 1+2+3", { around: "G3", velocity: 0.55 });
  const chords = `${RAG_CHORDS} C:4 ${RAG_CHORDS} C:1 G7 C:2`;
  return {
    tempo: 148,
    meter: 4,
    ritardando: 3,
    room: 1.2,
    parts: [
      { voice: "piano", phrase: right, gain: 1.1, width: 0.15, reverb: 0.2 },
      {
        voice: "piano",
        phrase: join(melody(4, RAG_INTRO_LEFT), stride(chords)),
        gain: 0.75,
        pan: -0.2,
        reverb: 0.2,
      },
      {
        voice: "bass",
        phrase: join(rest(16), accompany(chords, "b:2", { around: "G3", velocity: 0.7 })),
        gain: 0.55,
      },
    ],
  };
}

const SAINTS = `
  F4:1 A4 Bb4 | C5:4 | r:1 F4 A4 Bb4 | C5:4 | r:1 F4 A4 Bb4 | C5:2 A4 | F4 A4 | G4:4 | r:1 A4 A4 G4 | F4:3 F4:1
  | A4:2 C5 | C5:2 Bb4 | Bb4:2 A4:1 Bb4 | C5:2 A4 | F4 G4 | F4:4 |`;
const SAINTS_CHORDS = "F:4 F F F F F C7 C7 F F7 Bb Bb F C7 F ";

/** When the Saints Go Marching In, traditional: twice, with a swing. */
export function saints(): Score {
  const verse = melody(4, SAINTS);
  const chords = `r:3 ${SAINTS_CHORDS} F:4 ${SAINTS_CHORDS} F:4`;
  const bars = 32;
  return {
    tempo: 184,
    meter: 4,
    swing: 0.64,
    ritardando: 4,
    room: 1.1,
    parts: [
      { voice: "electricPiano", phrase: join(verse, rest(1), dynamics(1.05, verse)), gain: 1.1, pan: 0.1 },
      {
        voice: "flute",
        phrase: join(rest(64), transpose(12, dynamics(0.7, verse))),
        gain: 0.6,
        pan: 0.35,
        reverb: 0.35,
      },
      {
        voice: "guitar",
        phrase: accompany(chords, "r:1 1+2+3", { around: "A3", velocity: 0.55 }),
        gain: 0.6,
        pan: -0.35,
      },
      { voice: "bass", phrase: accompany(chords, "b:1 1 2 3", { around: "A2", velocity: 0.75 }), gain: 0.9 },
      { voice: "brush", phrase: join(rest(3), rhythm(0.5, "--x---xo".repeat(bars))), gain: 0.55, pan: 0.15 },
      { voice: "hat", phrase: join(rest(3), rhythm(0.5, "o-xoo-xo".repeat(bars))), gain: 0.4, pan: -0.3 },
      { voice: "kick", phrase: join(rest(3), times(bars, rhythm(1, "x-o-"))), gain: 0.6 },
    ],
  };
}

const DANUBE = `
  D4:1 | D4 F#4 A4 | A4:2 F#5+A5:1 | F#5+A5:2 D5+F#5:1 | D5+F#5:2 D4:1 | D4 F#4 A4 | A4:2 G5+A5:1 | G5+A5:2 C#5+G5:1
  | C#5+G5:2 C#4:1 | C#4 E4 B4 | B4:2 G5+B5:1 | G5+B5:2 C#5+G5:1 | C#5+G5:2 C#4:1 | C#4 E4 B4 | B4:2 G5+B5:1
  | G5+B5:2 D5+F#5:1 | D5+F#5:2 D4:1 | @.8 D4 F#4 A4 | D5:2 A5+D6:1 | A5+D6:2 F#5+A5:1 | F#5+A5:2 D4:1 | D4 F#4 A4
  | D5:2 B5+D6:1 | B5+D6:2 G5+B5:1 | G5+B5:2 E4:1 | E4 G4 B4 | B4:3 | r:1 G#4 A4 | F#5:3 | F#5:2 D5:1 | F#4:2 E4:1
  | B4:2 A4:1 | D4+F#4+D5:2 |`;
const DANUBE_CHORDS = "r:1 D:3 D D D D D A7 A7 A7 A7 A7 A7 A7 A7 D D D D D D D D G G Em Em A7 D D A7 A7 D";

/** Johann Strauss II, The Blue Danube: its first waltz. */
export function blueDanube(): Score {
  return {
    tempo: 160,
    meter: 3,
    ritardando: 6,
    room: 1.9,
    parts: [
      { voice: "strings", phrase: melody(3, DANUBE), width: 0.3, reverb: 0.3 },
      {
        voice: "guitar",
        phrase: accompany(DANUBE_CHORDS, "r:1 1+2+3 1+2+3", { around: "A3", velocity: 0.5 }),
        gain: 0.7,
        pan: -0.35,
      },
      { voice: "bass", phrase: accompany(DANUBE_CHORDS, "b:3", { around: "D3", velocity: 0.75 }), gain: 0.9 },
      {
        voice: "harp",
        phrase: accompany(DANUBE_CHORDS, "r:1 3 4", { around: "D4", velocity: 0.4 }),
        gain: 0.5,
        pan: 0.4,
      },
    ],
  };
}
