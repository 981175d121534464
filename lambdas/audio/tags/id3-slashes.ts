import type { IAudioMetadata, ICommonTagsResult } from "music-metadata";

/**
 * In ID3v2.3 a slash separates artists and composers (§4.2.1), and also stands in names: AC/DC. The parser splits at each. A
 * slash was a separator only where something says so: as many MusicBrainz ids, or ARTISTS beside a TPE1 that has no slash
 * there, as Picard writes them. Values that a NUL separates, as in ID3v2.4, stay apart.
 */
export function unsplitSlashes({ common, native, quality }: IAudioMetadata): ICommonTagsResult {
  const ids = common.musicbrainz_artistid ?? [];
  const isSplit = (parts: readonly string[]): boolean => parts.length > 1 && parts.length !== ids.length;
  const [artist, artists, composer] = [partsOf("TPE1"), partsOf("TXXX:ARTISTS"), partsOf("TCOM")];
  const printed = artist.join("/");
  return {
    ...common,
    ...(isSplit(artist) && { artist: printed, artists: artists.length > 0 ? common.artists : [printed] }),
    ...(isSplit(artists) && { artists: together(artists, printed) }),
    ...(composer.length > 1 && { composer: [composer.join("/")] }),
  };

  /** The parts of a frame's text between slashes; none where another tag is used in its place. */
  function partsOf(id: string): string[] {
    const frames = native["ID3v2.3"] ?? [];
    const parts = frames.flatMap((frame) => (frame.id.toUpperCase() === id ? [String(frame.value)] : []));
    return hasNul(id) || hasBetter(native) ? [] : parts;
  }

  function hasNul(id: string): boolean {
    const [frame = ""] = id.split(":");
    return quality.warnings.some(({ message }) =>
      message.includes(`${frame} uses non standard null-separator`),
    );
  }
}

/** Tags that the parser prefers. */
const hasBetter = (native: IAudioMetadata["native"]): boolean =>
  ["APEv2", "vorbis", "ID3v2.4"].some((type) => native[type] !== undefined);

/** Neighbours that are printed with a slash between them are one name. */
function together(parts: readonly string[], printed: string): string[] {
  const names: string[] = [];
  for (const part of parts) {
    const joined = `${names.at(-1)}/${part}`;
    if (names.length > 0 && printed.includes(joined)) names[names.length - 1] = joined;
    else names.push(part);
  }
  return names;
}
