import type { Album, AlbumDetail, ListQuery, Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { ofAllSongs } from "./all-songs.ts";
import { type NamedPage, nameKey, pageOf, sortByKey } from "./pages.ts";
import { toSong } from "./record.ts";
import type { CatalogueDeps } from "./songs.ts";

/** Albums are no rows of their own: they follow from the songs, so they can never disagree with them. */
export async function listAlbums(
  deps: CatalogueDeps,
  _actor: Actor,
  query: ListQuery,
): Promise<NamedPage<Album>> {
  return pageOf(["albums"], albumsByName(await deps.search.snapshot()), query);
}

const albumKey = ({ sortName, title, albumId }: Album): string => nameKey(sortName ?? title, albumId);
const albumsByName = ofAllSongs((songs) => sortByKey(albumsOf(songs), albumKey));

export async function getAlbum(
  deps: CatalogueDeps,
  _actor: Actor,
  { albumId }: { albumId: string },
): Promise<AlbumDetail> {
  const songs = (await deps.songs.listAlbum(albumId)).map(toSong);
  const [album] = albumsOf(songs);
  if (!album) throw new DomainError("not-found", "There is no such album");
  return { album, songs };
}

export const albumsOf = (songs: readonly Song[]): Album[] =>
  [...Map.groupBy(songs, ({ albumId }) => albumId).values()].map(albumOf);

/** The year is the latest of its songs', the original date their earliest. */
function albumOf(songs: readonly Song[]): Album {
  const [{ albumId, album, albumArtist, albumArtists }] = songs as [Song];
  const years = known(songs, ({ year }) => year);
  const originalDate = known(songs, (song) => song.originalDate).sort()[0];
  const [coverUrl] = known(songs, (song) => song.coverUrl);
  const [sortName] = known(songs, ({ sortNames }) => sortNames?.album);
  return {
    albumId,
    title: album,
    artist: albumArtist,
    artists: albumArtists,
    compilation: songs.some(({ compilation }) => compilation),
    ...(sortName !== undefined && { sortName }),
    ...(years.length > 0 && { year: Math.max(...years) }),
    ...(originalDate !== undefined && { originalDate }),
    songs: songs.length,
    durationSeconds: songs.reduce((sum, { durationSeconds }) => sum + durationSeconds, 0),
    ...(coverUrl !== undefined && { coverUrl }),
  };
}

const known = <T>(songs: readonly Song[], of: (song: Song) => T | undefined): T[] =>
  songs.map(of).filter((value) => value !== undefined);
