import type { SongRecord } from "../../core/domain/catalogue/ports.ts";

/** A song's row whose bytes are nowhere: for what looks at the catalogue alone. */
export const songRecord = (songId: string, more: Partial<SongRecord> = {}): SongRecord => ({
  songId,
  title: `Title of ${songId}`,
  artist: "An artist",
  album: "An album",
  albumArtist: "An artist",
  durationSeconds: 100,
  tier: "free",
  sha256: "0".repeat(64),
  audio: {
    key: `audio/${songId}`,
    etag: '"x"',
    sizeBytes: 1_000,
    contentType: "audio/mpeg",
    modifiedAt: "2026-01-01T00:00:00.000Z",
  },
  addedAt: "2026-01-01T00:00:00.000Z",
  version: 1,
  ...more,
});
