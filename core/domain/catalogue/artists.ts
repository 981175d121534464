import type { Album, Artist, ArtistCredit, ArtistDetail, ListQuery, Song } from "../../contract/catalogue.ts";
import type { Actor } from "../actor.ts";
import { DomainError } from "../errors.ts";
import { albumsOf } from "./albums.ts";
import { type NamedPage, nameKey, pageByKey } from "./pages.ts";
import type { CatalogueDeps } from "./songs.ts";

/** Everybody who is credited on a song or an album. */
export async function listArtists(
  deps: CatalogueDeps,
  _actor: Actor,
  query: ListQuery,
): Promise<NamedPage<Artist>> {
  const { search } = await deps.search.snapshot();
  return pageByKey(["artists"], allArtists(search("")), artistKey, query);
}

const artistKey = ({ sortName, name, artistId }: Artist): string => nameKey(sortName ?? name, artistId);

export async function getArtist(
  deps: CatalogueDeps,
  _actor: Actor,
  { artistId }: { artistId: string },
): Promise<ArtistDetail> {
  const { search } = await deps.search.snapshot();
  const isTheirs = ({ artists, albumArtists }: Song) => credits(artists) || credits(albumArtists);
  const credits = (credited: readonly ArtistCredit[]) => credited.some((one) => one.artistId === artistId);
  const all = search("");
  const theirs = all.filter(isTheirs);
  const artist = allArtists(theirs).find((one) => one.artistId === artistId);
  if (!artist) throw new DomainError("not-found", "There is no such artist");
  const albumIds = new Set(theirs.map(({ albumId }) => albumId));
  const albums = Map.groupBy(
    albumsOf(all.filter(({ albumId }) => albumIds.has(albumId))).sort(byDate),
    ({ artists }) => credits(artists),
  );
  const songs = theirs.filter(({ artists }) => credits(artists)).sort(byTitle);
  return { artist, albums: albums.get(true) ?? [], appearsOn: albums.get(false) ?? [], songs };
}

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
