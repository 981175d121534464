import * as Type from "typebox";
import {
  maxQueryLength,
  type PatchSongInput,
  type Song,
  type SongPage,
  type SongQuery,
} from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { decodeCursor, encodeCursor, type ListScope } from "../shared/cursor.ts";
import type { ObjectStore } from "../shared/object-store.ts";
import { cutText } from "../shared/text.ts";
import { ofAllSongs } from "./all-songs.ts";
import { correct } from "./correct.ts";
import { fold } from "./fold.ts";
import { nameKey, pageOf, sortByKey } from "./pages.ts";
import type { SongFilter, SongRecord, SongSearch, SongStore } from "./ports.ts";
import { objectKeysOf, toSong } from "./record.ts";
import { artistIdOf, sortKeyOf } from "./text.ts";

export type CatalogueDeps = {
  readonly songs: SongStore;
  readonly search: SongSearch;
  readonly objects: Pick<ObjectStore, "delete">;
};

const defaultLimit = 50;

/**
 * Songs by title, or by relevance where `q` is given. Lists are eventually consistent: a song just added or
 * changed shows within seconds.
 */
export async function listSongs(
  deps: CatalogueDeps,
  _actor: Actor,
  { q = "", ...filters }: SongQuery,
): Promise<SongPage> {
  const text = cutText(q.trim(), maxQueryLength);
  if (text) return searchSongs(deps, { ...filters, q: text });
  return filters.artist === undefined ? browseSongs(deps, filters) : browseArtist(deps, filters);
}

/** A song may have several artists, and an index of the table knows one value a row. */
async function browseArtist(deps: CatalogueDeps, query: SongQuery): Promise<SongPage> {
  const songs = allSongs(await deps.search.snapshot()).filter(matcher(query));
  const sorted = sortByKey(songs, ({ title, songId }) => nameKey(title, songId));
  return pageOf(scopeOf("artist", query), sorted, query);
}

const allSongs = ofAllSongs((songs) => songs);

/** A sort key (`sortKeyOf` with what follows it), which has at least one character. */
const browsePosition = Type.Object({ after: Type.String({ minLength: 1 }) }, { additionalProperties: false });

async function browseSongs(deps: CatalogueDeps, query: SongQuery): Promise<SongPage> {
  const filter = filterOf(query);
  const scope = scopeOf("songs", query);
  const after =
    query.cursor === undefined ? undefined : decodeCursor(browsePosition, scope, query.cursor).after;
  const slice = await deps.songs.list(filter, query.limit ?? defaultLimit, after);
  return {
    items: slice.records.map(toSong),
    ...(slice.next !== undefined && { nextCursor: encodeCursor(scope, { after: slice.next }) }),
  };
}

/** Without `limit`: a page may be longer than the one before. */
const scopeOf = (list: string, { q, title, artist, album, year, genre }: SongQuery): ListScope => [
  list,
  ...[q, title, artist, album, year, genre],
];

function filterOf(query: SongQuery): SongFilter {
  const titlePrefix = fold(query.title ?? "");
  return {
    ...(query.album !== undefined && { album: fold(query.album) }),
    ...(query.year !== undefined && { year: query.year }),
    ...(titlePrefix !== "" && { titlePrefix }),
    ...(query.genre !== undefined && { genre: sortKeyOf(query.genre) }),
  };
}

const searchPosition = Type.Object({ offset: Type.Integer({ minimum: 0 }) }, { additionalProperties: false });

async function searchSongs(deps: CatalogueDeps, query: SongQuery): Promise<SongPage> {
  const scope = scopeOf("search", query);
  const offset = query.cursor === undefined ? 0 : decodeCursor(searchPosition, scope, query.cursor).offset;
  const limit = query.limit ?? defaultLimit;
  const { search } = await deps.search.snapshot();
  const matches = search(query.q ?? "").filter(matcher(query));
  const end = offset + limit;
  return {
    items: matches.slice(offset, end),
    ...(end < matches.length && { nextCursor: encodeCursor(scope, { offset: end }) }),
  };
}

function matcher({ artist, album, genre, year, title }: SongQuery): (song: Song) => boolean {
  const isBy = artist === undefined ? () => true : creditsTo(artist);
  const [isOf, isOfGenre] = [sameAs(album), sameAs(genre)];
  const start = fold(title ?? "");
  return (song) =>
    isBy(song) &&
    (year === undefined || song.year === year) &&
    isOf(song.album) &&
    (genre === undefined || song.genres.some(isOfGenre)) &&
    (start === "" || fold(song.title).startsWith(start));
}

const sameAs = (wanted: string | undefined): ((value: string) => boolean) => {
  const folded = wanted === undefined ? undefined : fold(wanted);
  return (value) => folded === undefined || fold(value) === folded;
};

/** To one of a song's artists, or to all as printed. */
function creditsTo(wanted: string): (song: Song) => boolean {
  const [id, isSame] = [artistIdOf(wanted), sameAs(wanted)];
  return ({ artist, artists }) =>
    artists.some(({ artistId }) => artistId === id) || (artists[0]?.name !== artist && isSame(artist));
}

type SongInput = { readonly songId: string };

export async function getSong(deps: CatalogueDeps, _actor: Actor, { songId }: SongInput): Promise<Song> {
  return toSong(await existing(deps, songId));
}

export async function patchSong(
  deps: CatalogueDeps,
  _actor: Actor,
  { songId, ...patch }: SongInput & PatchSongInput,
): Promise<Song> {
  const before = await existing(deps, songId);
  const after: SongRecord = { ...correct(before, patch), version: before.version + 1 };
  await deps.songs.put(after);
  return toSong(after);
}

/** The row goes first, so that nothing names an object that is gone. */
export async function deleteSong(
  deps: CatalogueDeps,
  _actor: Actor,
  { songId }: SongInput,
): Promise<undefined> {
  const record = await deps.songs.delete(songId);
  await Promise.all(objectKeysOf(record).map((key) => deps.objects.delete(key)));
}

async function existing({ songs }: CatalogueDeps, songId: string): Promise<SongRecord> {
  const record = await songs.get(songId);
  if (!record) throw new DomainError("not-found", "There is no such song");
  return record;
}
