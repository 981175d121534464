import type { Song } from "../../../core/contract/catalogue.ts";

export const song = (songId: string, change: Partial<Song> = {}): Song => ({
  songId,
  title: `Title ${songId}`,
  artist: "Artist",
  artistId: "artist",
  artists: [{ artistId: "artist", name: "Artist" }],
  album: "Album",
  albumId: "album",
  albumArtist: "Artist",
  albumArtists: [{ artistId: "artist", name: "Artist" }],
  compilation: false,
  genres: [],
  durationSeconds: 100,
  contentType: "audio/mpeg",
  sizeBytes: 1_000,
  tier: "free",
  hasPreview: false,
  streamUrl: `/stream/${songId}`,
  addedAt: "2026-03-01T12:00:00.000Z",
  ...change,
});
