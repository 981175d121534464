import type { Static } from "typebox";
import * as Type from "typebox";
import { Cursor, Id, Limit, Page, Patch, Strict, Timestamp } from "./common.ts";
import { Text } from "./text.ts";

export const Tier = Type.Union([Type.Literal("free"), Type.Literal("premium")]);
export type Tier = Static<typeof Tier>;

export const Song = Strict({
  songId: Id,
  title: Type.String(),
  artist: Type.String(),
  artistId: Id,
  album: Type.String(),
  albumId: Id,
  albumArtist: Type.String(),
  track: Type.Optional(Type.Integer({ minimum: 1 })),
  year: Type.Optional(Type.Integer()),
  genre: Type.Optional(Type.String()),
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

/** Filters are combined; `q` is as-you-type: prefix, typo-tolerant, diacritics folded. */
export const SongQuery = Strict({
  q: Type.Optional(Type.String({ maxLength: 200 })),
  title: Type.Optional(Wanted),
  artist: Type.Optional(Wanted),
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
  artist: Type.String(),
  year: Type.Optional(Type.Integer()),
  songs: Type.Integer({ description: "How many songs it has here" }),
  durationSeconds: Type.Number(),
  coverUrl: Type.Optional(Type.String()),
});
export type Album = Static<typeof Album>;
export const AlbumPage = Page(Album);
/** One album with its songs in track order. */
export const AlbumDetail = Strict({ album: Album, songs: Type.Array(Song) });
export type AlbumDetail = Static<typeof AlbumDetail>;

export const Artist = Strict({
  artistId: Id,
  name: Type.String(),
  songs: Type.Integer(),
  albums: Type.Integer(),
});
export type Artist = Static<typeof Artist>;
export const ArtistPage = Page(Artist);
export const ArtistDetail = Strict({ artist: Artist, albums: Type.Array(Album), songs: Type.Array(Song) });
export type ArtistDetail = Static<typeof ArtistDetail>;

/** What a curator may correct. The audio itself is replaced by uploading again. */
export const PatchSongInput = Patch(
  Strict({
    title: Name,
    artist: Name,
    album: Name,
    albumArtist: Name,
    track: Type.Integer({ minimum: 1, maximum: 9999 }),
    year: Type.Integer({ minimum: 0, maximum: 9999 }),
    genre: Name,
    tier: Tier,
  }),
);
export type PatchSongInput = Static<typeof PatchSongInput>;
