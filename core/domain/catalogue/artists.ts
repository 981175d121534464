import type { Album, Artist, ArtistCredit, ArtistDetail, ListQuery, Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { albumsOf } from "./albums.ts";
import { ofAllSongs } from "./all-songs.ts";
import { type NamedPage, nameKey, pageOf, sortByKey } from "./pages.ts";
import type { CatalogueDeps } from "./songs.ts";

/** Everybody who is credited on a song or an album. */
export async function listArtists(
  deps: CatalogueDeps,
  _actor: Actor,
  query: ListQuery,
): Promise<NamedPage<Artist>> {
  return pageOf(["artists"], artistsByName(await deps.search.snapshot()), query);
}

const artistKey = ({ sortName, name, artistId }: Artist): string => nameKey(sortName ?? name, artistId);
const artistsByName = ofAllSongs((songs) => sortByKey(allArtists(songs), artistKey));

export async function getArtist(
  deps: CatalogueDeps,
  _actor: Actor,
  { artistId }: { artistId: string },
): Promise<ArtistDetail> {
  const snapshot = await deps.search.snapshot();
  const credits = (credited: readonly ArtistCredit[]) => credited.some((one) => one.artistId === artistId);
  const theirs = songsByArtist(snapshot).get(artistId) ?? [];
  const artist = allArtists(theirs).find((one) => one.artistId === artistId);
  if (!artist) throw new DomainError("not-found", "There is no such artist");
  const albumIds = new Set(theirs.map(({ albumId }) => albumId));
  const onTheirAlbums = [...albumIds].flatMap((albumId) => songsByAlbum(snapshot).get(albumId) ?? []);
  const albums = Map.groupBy(albumsOf(onTheirAlbums).sort(byDate), ({ artists }) => credits(artists));
  const songs = theirs.filter(({ artists }) => credits(artists)).sort(byTitle);
  return { artist, albums: albums.get(true) ?? [], appearsOn: albums.get(false) ?? [], songs };
}

const songsByAlbum = ofAllSongs((songs) => Map.groupBy(songs, ({ albumId }) => albumId));

const idsOf = (credits: readonly ArtistCredit[]): Set<string> =>
  new Set(credits.map(({ artistId }) => artistId));

/** The songs that are an artist's, or on an artist's albums. */
const songsByArtist = ofAllSongs((songs) => {
  const credited = songs.flatMap((song) =>
    [...idsOf(song.artists).union(idsOf(song.albumArtists))].map((artistId) => ({ artistId, song })),
  );
  const found = Map.groupBy(credited, ({ artistId }) => artistId);
  return new Map([...found].map(([artistId, theirs]) => [artistId, theirs.map(({ song }) => song)]));
});

/** Albums without a date come last. */
const dateKey = ({ originalDate, year, title, albumId }: Album): string =>
  `${originalDate ?? year ?? "9999"} ${nameKey(title, albumId)}`;
const byDate = (a: Album, b: Album): number => (dateKey(a) < dateKey(b) ? -1 : 1);
const byTitle = (a: Song, b: Song): number =>
  nameKey(a.title, a.songId) < nameKey(b.title, b.songId) ? -1 : 1;

type Tally = { readonly name: string; sortName?: string; songs: number; readonly albumIds: Set<string> };

function allArtists(songs: readonly Song[]): Artist[] {
  const tallies = new Map<string, Tally>();
  const tallyOf = ({ artistId, name }: ArtistCredit): Tally => {
    const tally = tallies.get(artistId) ?? { name, songs: 0, albumIds: new Set() };
    tallies.set(artistId, tally);
    return tally;
  };
  for (const { artists, albumArtists, albumId, sortNames } of songs) {
    for (const credit of artists) tallyOf(credit).songs += 1;
    for (const credit of albumArtists) tallyOf(credit).albumIds.add(albumId);
    // A sort name is of all that is printed, so it is an artist's where they stand alone.
    addSortName(artists, sortNames?.artist);
    addSortName(albumArtists, sortNames?.albumArtist);
  }
  return [...tallies].map(([artistId, { albumIds, ...tally }]) => ({
    artistId,
    ...tally,
    albums: albumIds.size,
  }));

  function addSortName([credit, ...others]: readonly ArtistCredit[], sortName: string | undefined): void {
    if (credit && others.length === 0 && sortName !== undefined) tallyOf(credit).sortName ??= sortName;
  }
}
