import type { SongRecord } from "../catalogue/ports.ts";

/** The fields of a song that come from its file's tags. */
export const songTags = [
  ...(["title", "artist", "artists", "album", "albumArtist", "albumArtists", "compilation"] as const),
  ...(["disc", "discs", "track", "tracks", "year", "originalDate"] as const),
  ...(["genres", "composers", "isrcs", "musicBrainz", "sortNames"] as const),
] as const satisfies (keyof SongRecord)[];

/** What a file's tags say of the song; several artists are there as printed and one by one. */
export type AudioTags = Partial<Pick<SongRecord, (typeof songTags)[number]>>;
