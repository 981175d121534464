import type { Song } from "../../contract/catalogue.ts";
import type { ObjectHead, StoredFile } from "../shared/object-store.ts";

/** A song's audio or preview; `modifiedAt` is when this version of it came in. */
export type SongAudio = ObjectHead;

export type StoredCover = StoredFile & {
  /** SHA-256 in hex of the picture that came; the cover's address changes with it. */
  readonly hash: string;
  /** The same picture again, smallest first, each with the most pixels of either side. Of old, covers had none. */
  readonly smaller?: readonly (StoredFile & { readonly pixels: number })[];
};

/** What follows from the rest of a record. */
type Derived =
  | ("artists" | "artistId" | "albumArtists" | "albumId" | "compilation" | "genre" | "genres")
  | ("hasPreview" | "coverUrl" | "streamUrl" | "contentType" | "sizeBytes");

/** One song of `music`: what the contract shows, and where its bytes are. */
export type SongRecord = Omit<Song, Derived> & {
  /** The names of several; absent where `artist` is the only one. */
  readonly artists?: readonly string[];
  /** The names of several; absent where `albumArtist` is the only one. */
  readonly albumArtists?: readonly string[];
  readonly compilation?: boolean;
  readonly genres?: string[];
  readonly sha256: string;
  readonly audio: SongAudio;
  readonly preview?: SongAudio;
  readonly cover?: StoredCover;
  /** Counts the states of this row; a correction is conditional on it. */
  readonly version: number;
};

/** What a page of songs is taken from; at most one of the first three goes by an index, the rest filter. */
export type SongFilter = {
  readonly albumId?: string;
  readonly year?: number;
  /** Folded; the start of the folded title. */
  readonly titlePrefix?: string;
  /** Folded, compared whole. */
  readonly album?: string;
  /** As `sortKeyOf` has it. */
  readonly genre?: string;
};

export type SongSlice = { readonly records: readonly SongRecord[]; readonly next?: string };

export type SongStore = {
  /** Consistent read. */
  get(songId: string): Promise<SongRecord | undefined>;
  /** The songs that are there, in the order asked; consistent. */
  getMany(songIds: readonly string[]): Promise<SongRecord[]>;
  /**
   * Up to `limit` songs after the sort key `after`, in the filter's order; eventually consistent.
   * @throws DomainError `invalid-cursor` where `after` cannot be a sort key of this list
   */
  list(filter: SongFilter, limit: number, after?: string): Promise<SongSlice>;
  /** All songs of an album, by disc and then track; eventually consistent. */
  listAlbum(albumId: string): Promise<SongRecord[]>;
  /** Writes a new song or a new state of one. @throws DomainError `conflict` where the row's version is not the one before */
  put(record: SongRecord): Promise<void>;
  /** @throws DomainError `not-found` */
  delete(songId: string): Promise<SongRecord>;
};

/** A loaded search index of one version. */
export type SearchSnapshot = {
  readonly version: number;
  /** Songs that match, best first. An empty text matches all. */
  search(text: string): Song[];
};

export type SongSearch = {
  /** The newest snapshot known here; at most seconds behind the table. */
  snapshot(): Promise<SearchSnapshot>;
};

/** What the indexer does with the index: all changes of a batch in one new version. */
export type SearchIndexWriter = {
  apply(changes: { readonly put: readonly Song[]; readonly remove: readonly string[] }): Promise<void>;
};
