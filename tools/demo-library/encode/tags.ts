import type { MetadataTags } from "mediabunny";
import type { Format } from "./encode.ts";

/** What a file says about itself. */
export type TrackTags = {
  title: string;
  artist: string;
  album: string;
  albumArtist: string;
  composer: string;
  track: number;
  trackTotal: number;
  year: number;
  genre: string;
};

/** The tags as the muxer wants them; each family of formats has a name of its own for the composer. */
export function toMetadata(tags: TrackTags, cover: Uint8Array, format: Format): MetadataTags {
  const { title, artist, album, albumArtist, genre } = tags;
  const image = { data: cover, mimeType: "image/jpeg", kind: "coverFront", description: "Cover" } as const;
  return {
    title,
    artist,
    album,
    albumArtist,
    genre,
    trackNumber: tags.track,
    tracksTotal: tags.trackTotal,
    date: new Date(Date.UTC(tags.year, 0, 1)),
    images: [image],
    raw: { [format === "mp3" ? "TCOM" : "COMPOSER"]: tags.composer },
  };
}
