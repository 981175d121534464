/** A row as Encore wrote it before songs had several artists, with keys by the rules of then. */
export const oldSongRow = (songId: string, more: object = {}) => ({
  ...{ kind: "song", songId, version: 3, tier: "free", durationSeconds: 10 },
  ...{
    title: "ガール",
    artist: "パス",
    album: "バス",
    albumArtist: "パス",
    genre: "Électro",
    track: 2,
    year: 2001,
  },
  ...{ titleShard: "title#0", titleKey: `カール#${songId}`, artistKey: "old-artist", albumKey: "old-album" },
  ...{ trackKey: `0002#カール#${songId}`, albumFolded: "ハス", artistFolded: "ハス", genreFolded: "electro" },
  sha256: "0".repeat(64),
  audio: {
    ...{ key: `audio/${songId}`, etag: '"x"', sizeBytes: 1_000, contentType: "audio/mpeg" },
    modifiedAt: "2026-01-01T00:00:00.000Z",
  },
  addedAt: "2026-01-01T00:00:00.000Z",
  ...more,
});
