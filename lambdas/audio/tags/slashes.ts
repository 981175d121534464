import type { ICommonTagsResult } from "music-metadata";

/**
 * In ID3v2.3 a slash separates artists (§4.2.1, TPE1), and also stands in names: AC/DC. It separated where something says so:
 * as many MusicBrainz ids, or an ARTISTS whose names are printed otherwise, as Picard writes them. Ids have none in them.
 */
export function splitSlashes(common: ICommonTagsResult): ICommonTagsResult {
  const { artist = "", artists = [], musicbrainz_artistid = [], musicbrainz_albumartistid = [] } = common;
  const ids = musicbrainz_artistid.flatMap(partsOf);
  const [value = "", ...others] = artists;
  return {
    ...common,
    artists: others.length > 0 ? artists : namesIn(value, artist, ids.length),
    musicbrainz_artistid: ids,
    musicbrainz_albumartistid: musicbrainz_albumartistid.flatMap(partsOf),
  };
}

/** No song has more. */
const maxParts = 100;
const partsOf = (value: string): string[] => value.split("/", maxParts);

function namesIn(value: string, printed: string, ids: number): string[] {
  const parts = partsOf(value);
  if (parts.length === ids) return parts;
  return parts.every((part) => printed.includes(part)) ? together(parts, printed) : [value];
}

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
