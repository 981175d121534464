import type { ArtistCredit } from "../../contract/catalogue.ts";
import { fold } from "./fold.ts";
import { artistIdOf } from "./text.ts";

/** The album artist of a compilation that names none. It is nobody: it has no page, and no credit. */
export const variousArtists = "Various Artists";
export const isVarious = (albumArtist: string): boolean => various.has(fold(albumArtist));
/** As taggers and players write it, short and in other languages. */
const various: ReadonlySet<string> = new Set(
  [
    ...[variousArtists, "Various", "VA", "V.A.", "V. A.", "V/A", "Various Performers"],
    ...[
      "Verschiedene",
      "Verschiedene Interpreten",
      "Verschiedene Künstler",
      "Diverse",
      "Diverse Interpreten",
    ],
    ...["Artistes variés", "Artistes divers", "Varios artistas", "Varios", "Vários artistas", "Vários"],
    ...[
      "Artisti vari",
      "Vari artisti",
      "AA.VV.",
      "Diverse artiesten",
      "Diverse artister",
      "Blandade artister",
    ],
    ...["Różni wykonawcy", "Různí interpreti", "Разные исполнители", "ヴァリアス・アーティスト", "群星"],
  ].map(fold),
);

/** Several names as they are printed, where nobody has printed them together. */
export const printed = (names: readonly string[]): string => names.join(", ");

type Credited = {
  readonly artist: string;
  readonly albumArtist: string;
  readonly artists?: readonly string[] | undefined;
  readonly albumArtists?: readonly string[] | undefined;
};

/** Who is credited: those named one by one, else the name as printed. */
export const artistsOf = ({ artist, artists = [artist] }: Credited): ArtistCredit[] => creditsOf(artists);

export const albumArtistsOf = ({ albumArtist, albumArtists = [albumArtist] }: Credited): ArtistCredit[] =>
  isVarious(albumArtist) ? [] : creditsOf(albumArtists);

const creditsOf = (names: readonly string[]): ArtistCredit[] =>
  names.map((name) => ({ artistId: artistIdOf(name), name }));

/** "Nora" of "Nora feat. Omar": whose album a song is on that names no album artist. The dot is what names do not have. */
export const withoutGuests = (artist: string): string =>
  artist.split(/\s[([]?(?:feat\.|ft\.|featuring)\s/i)[0]?.trim() || artist;

/** Each name once, in its first spelling. */
export const distinctNames = (names: readonly string[]): string[] =>
  names.filter((name, at) => names.findIndex((other) => fold(other) === fold(name)) === at);
