import MiniSearch, { type AsPlainObject, type Options } from "minisearch";
import { type ArtistCredit, Song } from "../../contract/catalogue.ts";
import { queryOf, tokensOf } from "./search-terms.ts";

/** Counts the changes of what is stored in the index, and under which tokens: an index of another format is made anew. */
export const searchIndexFormat = 3;

/**
 * The search index: whole songs are stored in it, so a search answers without another read. As-you-type: every
 * word must match, the last letters may be missing, and longer words forgive a slip.
 */
const options: Options<Song> = {
  idField: "songId",
  fields: ["title", "artist", "artists", "album", "albumArtist", "genres"],
  stringifyField: textOfField,
  storeFields: Object.keys(Song.properties),
  tokenize: tokensOf,
  processTerm: (term) => term,
  searchOptions: {
    tokenize: (term) => [term],
    prefix: true,
    // In edits: one for short words, two where two letters may have changed places.
    fuzzy: (term) => (term.length > 5 ? 2 : term.length > 3 ? 1 : false),
    combineWith: "AND",
    boost: { title: 3, artist: 2, artists: 2 },
    weights: { fuzzy: 0.3, prefix: 0.7 },
  },
};

/** Genres are texts, artists have names. */
function textOfField(value: string | readonly (string | ArtistCredit)[]): string {
  if (typeof value === "string") return value;
  return value.map((one) => (typeof one === "string" ? one : one.name)).join(" ");
}

export type SearchIndex = {
  /** Matches, best first; an empty text matches every song. */
  search(text: string): Song[];
  put(song: Song): void;
  remove(songId: string): void;
  /** As text, to be kept and loaded again. */
  serialise(): string;
};

/** A new index, or one made from its kept text. */
export function createSearchIndex(serialised?: string): SearchIndex {
  const index =
    serialised === undefined
      ? new MiniSearch<Song>(options)
      : MiniSearch.loadJS<Song>(JSON.parse(serialised) as AsPlainObject, options);
  return {
    search: (text) =>
      index
        .search(text.trim() === "" ? MiniSearch.wildcard : queryOf(text))
        .map(({ songId }) => stored(songId as string)),
    put(song) {
      if (index.has(song.songId)) index.discard(song.songId);
      index.add(song);
    },
    remove(songId) {
      if (index.has(songId)) index.discard(songId);
    },
    serialise() {
      return JSON.stringify(index);
    },
  };

  function stored(songId: string): Song {
    const fields = index.getStoredFields(songId);
    if (!fields) throw new Error(`The search index lost the song ${songId}`);
    return fields as Song;
  }
}
