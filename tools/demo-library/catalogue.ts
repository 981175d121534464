import type { CoverDesign } from "./covers/designs.ts";
import type { Format } from "./encode/encode.ts";
import type { Score } from "./score.ts";
import { blueDanube, entertainer, saints } from "./scores/dance.ts";
import { auldLangSyne, greensleeves, korobeiniki, sakura, scarboroughFair } from "./scores/folk.ts";
import { furElise, gymnopedie, minuetInG, preludeInC } from "./scores/keyboard.ts";
import { stilleNacht, twinkle, wiegenlied } from "./scores/lamplight.ts";
import { canonInD, jupiterHymn, largo, morningMood, mountainKing, odeToJoy } from "./scores/orchestra.ts";

export type Tier = "free" | "premium";

/** A piece of the library: `id` names its file, `year` is that of the work. */
type Piece = {
  id: string;
  title: string;
  composer: string;
  year: number;
  tier: Tier;
  format: Format;
  score: () => Score;
};

/** Pieces in the order of their tracks. */
export type Album = {
  title: string;
  artist: string;
  genre: string;
  cover: CoverDesign;
  pieces: readonly Piece[];
};

const TRADITIONAL = "Traditional";

/** Everything that is played here is in the public domain: every composer died before 1936 or is not known. */
export const albums: readonly Album[] = [
  {
    title: "Keyboard Mornings",
    artist: "Encore Keyboard Ensemble",
    genre: "Classical",
    cover: "sunrise",
    pieces: [
      {
        id: "prelude-in-c",
        title: "Prelude in C Major, BWV 846",
        composer: "Johann Sebastian Bach",
        year: 1722,
        tier: "free",
        format: "ogg",
        score: preludeInC,
      },
      {
        id: "minuet-in-g",
        title: "Minuet in G Major",
        composer: "Christian Petzold",
        year: 1725,
        tier: "free",
        format: "mp3",
        score: minuetInG,
      },
      {
        id: "fur-elise",
        title: "Für Elise",
        composer: "Ludwig van Beethoven",
        year: 1810,
        tier: "free",
        format: "mp3",
        score: furElise,
      },
      {
        id: "gymnopedie-no-1",
        title: "Gymnopédie No. 1",
        composer: "Erik Satie",
        year: 1888,
        tier: "premium",
        format: "flac",
        score: gymnopedie,
      },
    ],
  },
  {
    title: "Small Orchestra",
    artist: "Encore Chamber Ensemble",
    genre: "Classical",
    cover: "arches",
    pieces: [
      {
        id: "canon-in-d",
        title: "Canon in D Major",
        composer: "Johann Pachelbel",
        year: 1690,
        tier: "premium",
        format: "ogg",
        score: canonInD,
      },
      {
        id: "ode-to-joy",
        title: "Ode to Joy",
        composer: "Ludwig van Beethoven",
        year: 1824,
        tier: "premium",
        format: "flac",
        score: odeToJoy,
      },
      {
        id: "morning-mood",
        title: "Morning Mood",
        composer: "Edvard Grieg",
        year: 1875,
        tier: "free",
        format: "ogg",
        score: morningMood,
      },
      {
        id: "mountain-king",
        title: "In the Hall of the Mountain King",
        composer: "Edvard Grieg",
        year: 1875,
        tier: "free",
        format: "mp3",
        score: mountainKing,
      },
      {
        id: "largo",
        title: "Largo (From the New World)",
        composer: "Antonín Dvořák",
        year: 1893,
        tier: "free",
        format: "mp3",
        score: largo,
      },
      {
        id: "jupiter-hymn",
        title: "Jupiter Hymn",
        composer: "Gustav Holst",
        year: 1918,
        tier: "premium",
        format: "flac",
        score: jupiterHymn,
      },
    ],
  },
  {
    title: "Songs That Travelled",
    artist: "Encore Folk Ensemble",
    genre: "Folk",
    cover: "hills",
    pieces: [
      {
        id: "scarborough-fair",
        title: "Scarborough Fair",
        composer: TRADITIONAL,
        year: 1670,
        tier: "free",
        format: "mp3",
        score: scarboroughFair,
      },
      {
        id: "greensleeves",
        title: "Greensleeves",
        composer: TRADITIONAL,
        year: 1580,
        tier: "premium",
        format: "mp3",
        score: greensleeves,
      },
      {
        id: "sakura",
        title: "さくらさくら",
        composer: TRADITIONAL,
        year: 1888,
        tier: "free",
        format: "ogg",
        score: sakura,
      },
      {
        id: "korobeiniki",
        title: "Коробейники",
        composer: TRADITIONAL,
        year: 1861,
        tier: "free",
        format: "mp3",
        score: korobeiniki,
      },
      {
        id: "auld-lang-syne",
        title: "Auld Lang Syne",
        composer: TRADITIONAL,
        year: 1799,
        tier: "free",
        format: "ogg",
        score: auldLangSyne,
      },
    ],
  },
  {
    title: "Lamplight",
    artist: "Encore Music Box",
    genre: "Lullaby",
    cover: "night",
    pieces: [
      {
        id: "wiegenlied",
        title: "Wiegenlied",
        composer: "Johannes Brahms",
        year: 1868,
        tier: "free",
        format: "mp3",
        score: wiegenlied,
      },
      {
        id: "twinkle",
        title: "Ah! vous dirai-je, maman",
        composer: TRADITIONAL,
        year: 1761,
        tier: "free",
        format: "mp3",
        score: twinkle,
      },
      {
        id: "stille-nacht",
        title: "Stille Nacht",
        composer: "Franz Xaver Gruber",
        year: 1818,
        tier: "premium",
        format: "ogg",
        score: stilleNacht,
      },
    ],
  },
  {
    title: "Dance Card",
    artist: "Encore Dance Band",
    genre: "Dance",
    cover: "petals",
    pieces: [
      {
        id: "blue-danube",
        title: "The Blue Danube",
        composer: "Johann Strauss II",
        year: 1866,
        tier: "free",
        format: "mp3",
        score: blueDanube,
      },
      {
        id: "entertainer",
        title: "The Entertainer",
        composer: "Scott Joplin",
        year: 1902,
        tier: "premium",
        format: "mp3",
        score: entertainer,
      },
      {
        id: "saints",
        title: "When the Saints Go Marching In",
        composer: TRADITIONAL,
        year: 1896,
        tier: "free",
        format: "flac",
        score: saints,
      },
    ],
  },
];

/** Short ones of every format and tier, made before all others, so that a small library has a bit of everything. */
const FIRST = ["minuet-in-g", "ode-to-joy", "sakura", "twinkle"];

/** A piece with the album it is on and its number there. */
export type Entry = { piece: Piece; album: Album; track: number };

/** All pieces in the order in which they are made. */
export function entries(): Entry[] {
  const all = albums.flatMap((album) =>
    album.pieces.map((piece, index) => ({ piece, album, track: index + 1 })),
  );
  const rank = ({ piece }: Entry) => (FIRST.includes(piece.id) ? FIRST.indexOf(piece.id) : FIRST.length);
  return all.sort((a, b) => rank(a) - rank(b));
}
