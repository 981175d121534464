import { accompany } from "../notation/chords.ts";
import { melody } from "../notation/melody.ts";
import { dynamics, join, rest, times, transpose } from "../notation/phrase.ts";
import { rhythm } from "../notation/rhythm.ts";
import type { Score } from "../score.ts";

const SCARBOROUGH = `
  E4:2 E4:1 | B4:2 B4:1 | F#4:1.5 G4:.5 F#4:1 | E4:3 | r:1 B4 D5 | E5:2 D5:1 | B4 C#5 A4 | B4:3 | r:2 E5:1
  | E5:2 E5:1 | D5:2 B4:1 | B4 A4 G4 | F#4 D4:2 | r:3 | E4:2 B4:1 | A4:2 G4:1 | F#4 E4 D4 | E4:3 |`;
const SCARBOROUGH_CHORDS = `
  Em:3 Em D Em Em Em:3 A:3 Em Em Em:3 G G D D Em:3 A:3 D Em`;

/** Scarborough Fair, traditional: a verse for the guitar and one for the flute. */
export function scarboroughFair(): Score {
  const verse = melody(3, SCARBOROUGH);
  const intro = "Em:3 D ";
  const chords = `${intro} ${SCARBOROUGH_CHORDS} ${intro} ${SCARBOROUGH_CHORDS} Em:3`;
  return {
    tempo: 126,
    meter: 3,
    ritardando: 6,
    room: 2.2,
    parts: [
      { voice: "flute", phrase: join(rest(6), verse, rest(6), verse), pan: 0.1, reverb: 0.38 },
      {
        voice: "strings",
        phrase: join(rest(66), transpose(-12, dynamics(0.6, verse))),
        gain: 0.45,
        width: 0.5,
      },
      {
        voice: "guitar",
        phrase: accompany(chords, "b:.5 1 2 3 2 1", { around: "G3", velocity: 0.6 }),
        gain: 0.85,
        pan: -0.25,
        pedal: 3,
      },
      {
        voice: "pad",
        phrase: accompany(chords, "1+3:3", { around: "B2", velocity: 0.4 }),
        gain: 0.45,
        width: 0.6,
      },
    ],
  };
}

/** Beats are quavers. */
const GREENSLEEVES_VERSE = `
  C5:2 D5:1 E5:1.5 F5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:2 A4:1
  | C5:2 D5:1 E5:1.5 F5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:3 A4:3 |`;
const GREENSLEEVES_CHORUS = `
  G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:2 A4:1 A4:1.5 G#4:.5 A4:1 | B4:2 G#4:1 E4:3
  | G5:3 G5:1.5 F#5:.5 E5:1 | D5:2 B4:1 G4:1.5 A4:.5 B4:1 | C5:1.5 B4:.5 A4:1 G#4:1.5 F#4:.5 G#4:1 | A4:6 |`;
const GREENSLEEVES_CHORDS = "Am:6 G Am E Am G Am:3 E Am:6 C:6 G Am E C G Am:3 E Am:6 ";

/** Greensleeves, traditional: verse and refrain, twice. */
export function greensleeves(): Score {
  const verse = melody(6, `${GREENSLEEVES_VERSE} @.85 ${GREENSLEEVES_CHORUS}`);
  const lead = melody(6, "A4:1");
  const chords = `r:1 ${GREENSLEEVES_CHORDS.repeat(2)} Am:3`;
  return {
    tempo: 172,
    meter: 6,
    ritardando: 6,
    room: 1.9,
    parts: [
      { voice: "lute", phrase: join(lead, verse), gain: 1.2, pan: 0.15, reverb: 0.3 },
      { voice: "flute", phrase: join(rest(97), verse), gain: 0.85, pan: -0.1, reverb: 0.35 },
      {
        voice: "guitar",
        phrase: accompany(chords, "b:1 1 2 3 2 1", { around: "A3", velocity: 0.55 }),
        gain: 0.7,
        pan: -0.35,
        pedal: 3,
      },
      { voice: "bass", phrase: accompany(chords, "b:3", { around: "A3", velocity: 0.65 }), gain: 0.7 },
      {
        voice: "strings",
        phrase: join(
          rest(97),
          accompany(`${GREENSLEEVES_CHORDS} Am:3`, "1+2+3:3", { around: "C4", velocity: 0.35 }),
        ),
        gain: 0.4,
        width: 0.6,
      },
    ],
  };
}

const SAKURA = `
  A4:1 A4 B4:2 | A4:1 A4 B4:2 | A4:1 B4 C5 B4 | A4 B4:.5 A4 F4:2 | E4:1 C4 E4 F4 | E4 E4:.5 C4 B3:2
  | A4:1 B4 C5 B4 | A4 B4:.5 A4 F4:2 | E4:1 C4 E4 F4 | E4 E4:.5 C4 B3:2 | A4:1 A4 B4:2 | A4:1 A4 B4:2
  | E4:1 F4 B4:.5 A4 F4:1 | E4:4 |`;
const SAKURA_BASS = `
  A2:1 E3 A3:2 | A2:1 E3 A3:2 | F2:1 C3 F3:2 | D3:1 A3 F3:2 | A2:1 E3 A3:2 | E2:1 B2 E3:2 | F2:1 C3 F3:2
  | D3:1 A3 F3:2 | A2:1 E3 A3:2 | E2:1 B2 E3:2 | A2:1 E3 A3:2 | A2:1 E3 A3:2 | D3:1 A3 F3:2 | E2+B2+E3:4 |`;

/** Sakura Sakura, traditional: harp and lute. */
export function sakura(): Score {
  return {
    tempo: 92,
    meter: 4,
    ritardando: 6,
    room: 2.6,
    parts: [
      { voice: "lute", phrase: melody(4, SAKURA), gain: 1.2, pan: 0.12, reverb: 0.42 },
      { voice: "harp", phrase: melody(4, SAKURA_BASS), gain: 0.7, pan: -0.3, reverb: 0.4, pedal: 4 },
      {
        voice: "flute",
        phrase: join(
          rest(24),
          dynamics(0.6, transpose(12, melody(4, "A4:1 B4 C5 B4 | A4:2 F4 | E4:1 C4 E4 F4 | E4:4 |"))),
          rest(12),
          melody(4, "@.5 E5:4"),
        ),
        gain: 0.6,
        pan: 0.3,
        reverb: 0.6,
      },
    ],
  };
}

const KOROBEINIKI = `
  E5:1 B4:.5 C5 D5:1 C5:.5 B4 | A4:1 A4:.5 C5 E5:1 D5:.5 C5 | B4:1.5 C5:.5 D5:1 E5 | C5 A4 A4:2
  | r:.5 D5:1 F5:.5 A5:1 G5:.5 F5 | E5:1.5 C5:.5 E5:1 D5:.5 C5 | B4:1 B4:.5 C5 D5:1 E5 | C5 A4 A4:2 |`;
const KOROBEINIKI_CHORDS = "E:4 Am E Am Dm C E Am ";

/** Korobeiniki, traditional: three rounds, each with one more player. */
export function korobeiniki(): Score {
  const verse = melody(4, KOROBEINIKI);
  const chords = KOROBEINIKI_CHORDS.repeat(3);
  const end = "Am:1 r Am:2";
  return {
    tempo: 142,
    meter: 4,
    room: 1.3,
    parts: [
      { voice: "lute", phrase: join(times(3, verse), melody(4, "A4:1 r A4+A5:2")), gain: 1.1, pan: 0.1 },
      {
        voice: "guitar",
        phrase: accompany(`${chords} ${end}`, "r:.5 1+2+3 r 1+2+3", { around: "A3", velocity: 0.5 }),
        gain: 0.6,
        pan: -0.35,
      },
      {
        voice: "bass",
        phrase: accompany(`${chords} ${end}`, "b:1 3", { around: "E2", velocity: 0.8 }),
        gain: 0.8,
      },
      {
        voice: "flute",
        phrase: join(rest(32), dynamics(0.8, verse), transpose(12, dynamics(0.7, verse))),
        gain: 0.7,
        pan: 0.35,
        reverb: 0.35,
      },
      {
        voice: "strings",
        phrase: join(
          rest(64),
          accompany(`${KOROBEINIKI_CHORDS} ${end}`, "1+2+3:2", { around: "E4", velocity: 0.45 }),
        ),
        gain: 0.45,
        width: 0.6,
      },
      { voice: "shaker", phrase: join(rest(32), rhythm(0.5, "oxox".repeat(32))), gain: 0.5, pan: 0.4 },
      { voice: "kick", phrase: join(rest(32), rhythm(1, "x-x-".repeat(16)), rhythm(1, "x-x-")), gain: 0.6 },
    ],
  };
}

const SYNE = `
  C4:1 | F4:1.5 F4:.5 F4:1 A4 | G4:1.5 F4:.5 G4:1 A4 | F4:1.5 F4:.5 A4:1 C5 | D5:3 D5:1
  | C5:1.5 A4:.5 A4:1 F4 | G4:1.5 F4:.5 G4:1 A4 | F4:1.5 D4:.5 D4:1 C4 | F4:3 D5:1
  | @.85 C5:1.5 A4:.5 A4:1 F4 | G4:1.5 F4:.5 G4:1 D5 | C5:1.5 A4:.5 A4:1 C5 | D5:3 D5:1
  | C5:1.5 A4:.5 A4:1 F4 | G4:1.5 F4:.5 G4:1 A4 | F4:1.5 D4:.5 D4:1 C4 | F4:3 |`;
const SYNE_CHORDS = "F:4 C7 F Bb F C7 Bb:2 C7 F:4 ";

/** Auld Lang Syne, traditional: verse and refrain. */
export function auldLangSyne(): Score {
  const chords = `r:1 ${SYNE_CHORDS.repeat(2)}`;
  const pluck = accompany(chords, "b:.5 1 2 3 2 3 2 1", { around: "A3", velocity: 0.5 });
  return {
    tempo: 92,
    meter: 4,
    ritardando: 6,
    room: 2,
    parts: [
      { voice: "piano", phrase: melody(4, SYNE), pan: 0.1, reverb: 0.3 },
      { voice: "guitar", phrase: pluck, gain: 0.7, pan: -0.3, pedal: 2 },
      { voice: "bass", phrase: accompany(chords, "b:2", { around: "F3", velocity: 0.6 }), gain: 0.75 },
      {
        voice: "strings",
        phrase: join(rest(33), dynamics(0.5, accompany(SYNE_CHORDS, "1+2+3:2", { around: "C4" }))),
        gain: 0.6,
        width: 0.5,
      },
    ],
  };
}
