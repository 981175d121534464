import type { Static, TSchema } from "typebox";
import * as Type from "typebox";
import { Cursor, Id, idForm, Limit, Page, Patch, partial, Strict, Timestamp } from "./common.ts";
import { Text } from "./text.ts";

export const Tier = Type.Union([Type.Literal("free"), Type.Literal("premium")]);
export type Tier = Static<typeof Tier>;

export const ArtistCredit = Strict({ artistId: Id, name: Type.String() });
export type ArtistCredit = Static<typeof ArtistCredit>;

/** Under which names things are sorted, where that is not as they are printed: "Beatles, The". */
const sortNames = {
  title: Type.String(),
  artist: Type.String(),
  album: Type.String(),
  albumArtist: Type.String(),
};

/** MusicBrainz's ids (UUIDs), where the file's tags have them. */
const musicBrainzIds = {
  recordingId: Type.String(),
  releaseId: Type.String(),
  releaseGroupId: Type.String(),
  artistIds: Type.Array(Type.String()),
  albumArtistIds: Type.Array(Type.String()),
};

const places = {
  disc: Type.Integer({ minimum: 1, maximum: 9999 }),
  discs: Type.Integer({ minimum: 1, maximum: 9999, description: "How many discs the release has" }),
  track: Type.Integer({ minimum: 1, maximum: 9999 }),
  tracks: Type.Integer({ minimum: 1, maximum: 9999, description: "How many tracks the disc has" }),
};

const OriginalDate = Type.String({
  pattern: "^\\d{4}(-\\d{2}(-\\d{2})?)?$",
  description: "When it first came out: a year, a month or a day",
});

export const Song = Strict({
  songId: Id,
  title: Type.String(),
  artist: Type.String({ description: "As printed, like `Nora feat. Omar`" }),
  artistId: Type.String({ ...idForm, description: "Of the first of `artists`" }),
  artists: Type.Array(ArtistCredit, { minItems: 1 }),
  album: Type.String(),
  albumId: Id,
  albumArtist: Type.String({ description: "`Various Artists` of a compilation without one" }),
  albumArtists: Type.Array(ArtistCredit, { description: "None of `Various Artists`" }),
  compilation: Type.Boolean(),
  ...partial(places),
  year: Type.Optional(Type.Integer()),
  originalDate: Type.Optional(OriginalDate),
  genre: Type.Optional(Type.String({ description: "The first of `genres`" })),
  genres: Type.Array(Type.String()),
  composers: Type.Optional(Type.Array(Type.String())),
  isrcs: Type.Optional(Type.Array(Type.String(), { description: "International Standard Recording Codes" })),
  musicBrainz: Type.Optional(Strict(partial(musicBrainzIds))),
  sortNames: Type.Optional(Strict(partial(sortNames))),
  durationSeconds: Type.Number({ minimum: 0 }),
  contentType: Type.String({ description: "The audio's media type, for instance `audio/flac`" }),
  sizeBytes: Type.Integer({ minimum: 0 }),
  tier: Tier,
  hasPreview: Type.Boolean({ description: "Whether plans that do not include the song hear 30 s of it" }),
  coverUrl: Type.Optional(
    Type.String({
      description:
        "Path of the cover; changes with the picture. `&size=160`, `320` or `640` (pixels) may be added",
    }),
  ),
  streamUrl: Type.String({ description: "Path of the audio" }),
  addedAt: Timestamp,
});
export type Song = Static<typeof Song>;

/** How long a name of the catalogue may be, in code points. */
export const maxNameLength = 200;
const Wanted = Type.String({ minLength: 1, maxLength: maxNameLength });
const Name = Text(maxNameLength);

/** How much of a search counts, in code points: people paste what they look for. */
export const maxQueryLength = 200;

/** Filters are combined; `q` is as-you-type: prefix, typo-tolerant, diacritics folded. */
export const SongQuery = Strict({
  q: Type.Optional(
    Type.String({
      description: `Beyond ${maxQueryLength} characters it is cut, between characters as people see them`,
    }),
  ),
  title: Type.Optional(Wanted),
  artist: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: maxNameLength,
      description: "One of a song's artists, or all as printed",
    }),
  ),
  album: Type.Optional(Wanted),
  year: Type.Optional(Type.Integer({ minimum: 0, maximum: 9999 })),
  genre: Type.Optional(Wanted),
  limit: Type.Optional(Limit),
  cursor: Type.Optional(Cursor),
});
export type SongQuery = Static<typeof SongQuery>;
export const SongPage = Page(Song);
export type SongPage = Static<typeof SongPage>;

export const ListQuery = Strict({ limit: Type.Optional(Limit), cursor: Type.Optional(Cursor) });
export type ListQuery = Static<typeof ListQuery>;

export const Album = Strict({
  albumId: Id,
  title: Type.String(),
  sortName: Type.Optional(Type.String()),
  artist: Type.String({ description: "As printed; `Various Artists` of a compilation" }),
  artists: Type.Array(ArtistCredit, { description: "None of `Various Artists`" }),
  compilation: Type.Boolean(),
  year: Type.Optional(Type.Integer()),
  originalDate: Type.Optional(OriginalDate),
  songs: Type.Integer({ description: "How many songs it has here" }),
  durationSeconds: Type.Number(),
  coverUrl: Type.Optional(Type.String()),
});
export type Album = Static<typeof Album>;
export const AlbumPage = Page(Album);
/** One album with its songs, by disc and then track. */
export const AlbumDetail = Strict({ album: Album, songs: Type.Array(Song) });
export type AlbumDetail = Static<typeof AlbumDetail>;

export const Artist = Strict({
  artistId: Id,
  name: Type.String(),
  sortName: Type.Optional(Type.String()),
  songs: Type.Integer(),
  albums: Type.Integer({ description: "Of which they are the album artist" }),
});
export type Artist = Static<typeof Artist>;
export const ArtistPage = Page(Artist);
export const ArtistDetail = Strict({
  artist: Artist,
  albums: Type.Array(Album, { description: "Their own, the oldest first" }),
  appearsOn: Type.Array(Album, { description: "Albums of others that have songs of theirs" }),
  songs: Type.Array(Song),
});
export type ArtistDetail = Static<typeof ArtistDetail>;

const Names = Type.Array(Name, { maxItems: 50 });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

/**
 * What a curator may correct. The audio itself is replaced by uploading again. `null` takes away what a song need not have.
 * Of `artist` and `artists` one follows from the other where it alone is given, and so for the album's artists; `genre` sets
 * all of `genres`. A compilation gets the album artist `Various Artists` unless another is given.
 */
export const PatchSongInput = Patch(
  Strict({
    title: Name,
    artist: Text(maxNameLength, { description: "As printed; alone, it is the only one of `artists`" }),
    artists: Type.Array(Name, {
      minItems: 1,
      maxItems: 50,
      description: "One by one; alone, they are printed together",
    }),
    album: Name,
    albumArtist: Name,
    albumArtists: Type.Array(Name, { minItems: 1, maxItems: 50 }),
    compilation: Type.Boolean({
      description: "Without an album artist, it gives the album to `Various Artists`, or back to the song's",
    }),
    disc: nullable(places.disc),
    discs: nullable(places.discs),
    track: nullable(places.track),
    tracks: nullable(places.tracks),
    year: nullable(Type.Integer({ minimum: 0, maximum: 9999 })),
    originalDate: nullable(OriginalDate),
    genre: Text(maxNameLength, { description: "All of `genres`" }),
    genres: Names,
    composers: Names,
    sortNames: nullable(Strict(partial({ title: Name, artist: Name, album: Name, albumArtist: Name }))),
    tier: Tier,
  }),
);
export type PatchSongInput = Static<typeof PatchSongInput>;
