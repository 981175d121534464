import * as Type from "typebox";
import type { Album, AlbumDetail, Artist, ArtistDetail, ListQuery, Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { decodeCursor, encodeCursor } from "../cursor.ts";
import { DomainError } from "../errors.ts";
import { toSong } from "./record.ts";
import type { CatalogueDeps } from "./songs.ts";
import { sortKeyOf } from "./text.ts";

/** Albums and artists are no rows of their own: they follow from the songs, so they can never disagree with them. */
type PageOf<T> = { items: T[]; nextCursor?: string };

export async function listAlbums(
  deps: CatalogueDeps,
  _actor: Actor,
  query: ListQuery,
): Promise<PageOf<Album>> {
  const { search } = await deps.search.snapshot();
  return pageByName("albums", albumsOf(search("")), ({ title, albumId }) => nameKey(title, albumId), query);
}

export async function listArtists(
  deps: CatalogueDeps,
  _actor: Actor,
  query: ListQuery,
): Promise<PageOf<Artist>> {
  const { search } = await deps.search.snapshot();
  return pageByName("artists", artistsOf(search("")), ({ name, artistId }) => nameKey(name, artistId), query);
}

export async function getAlbum(
  deps: CatalogueDeps,
  _actor: Actor,
  { albumId }: { albumId: string },
): Promise<AlbumDetail> {
  const songs = (await deps.songs.listAll({ albumId })).map(toSong);
  const [album] = albumsOf(songs);
  if (!album) throw new DomainError("not-found", "There is no such album");
  return { album, songs };
}

export async function getArtist(
  deps: CatalogueDeps,
  _actor: Actor,
  { artistId }: { artistId: string },
): Promise<ArtistDetail> {
  const songs = (await deps.songs.listAll({ artistId })).map(toSong);
  const [artist] = artistsOf(songs);
  if (!artist) throw new DomainError("not-found", "There is no such artist");
  return { artist, albums: albumsOf(songs), songs };
}

function albumsOf(songs: readonly Song[]): Album[] {
  return [...Map.groupBy(songs, ({ albumId }) => albumId).values()].map(albumOf);
}

function albumOf(songs: readonly Song[]): Album {
  const [first] = songs as [Song];
  const years = songs.flatMap(({ year }) => (year === undefined ? [] : [year]));
  const cover = songs.find(({ coverUrl }) => coverUrl !== undefined)?.coverUrl;
  return {
    albumId: first.albumId,
    title: first.album,
    artist: first.albumArtist,
    ...(years.length > 0 && { year: Math.max(...years) }),
    songs: songs.length,
    durationSeconds: songs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
    ...(cover !== undefined && { coverUrl: cover }),
  };
}

function artistsOf(songs: readonly Song[]): Artist[] {
  return [...Map.groupBy(songs, ({ artistId }) => artistId).values()].map((own) => {
    const [first] = own as [Song, ...Song[]];
    const albums = new Set(own.map(({ albumId }) => albumId)).size;
    return { artistId: first.artistId, name: first.artist, songs: own.length, albums };
  });
}

const nameKey = (name: string, id: string): string => `${sortKeyOf(name)}\0${id}`;
const position = Type.Object({ after: Type.String({ minLength: 1 }) }, { additionalProperties: false });

/** A page of a list that lies in memory, by a key that names each item once. */
function pageByName<T>(
  list: string,
  all: readonly T[],
  keyOf: (item: T) => string,
  query: ListQuery,
): PageOf<T> {
  const after = query.cursor === undefined ? "" : decodeCursor(position, [list], query.cursor).after;
  const rest = all
    .map((item) => ({ item, key: keyOf(item) }))
    .filter(({ key }) => key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = rest.slice(0, query.limit ?? 50);
  const last = page.at(-1);
  return {
    items: page.map(({ item }) => item),
    ...(last && rest.length > page.length && { nextCursor: encodeCursor([list], { after: last.key }) }),
  };
}
