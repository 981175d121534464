import { expect, it } from "vitest";
import { listAlbums } from "../../../../core/domain/catalogue/albums.ts";
import { getArtist, listArtists } from "../../../../core/domain/catalogue/artists.ts";
import { toSong } from "../../../../core/domain/catalogue/record.ts";
import { type CatalogueDeps, listSongs } from "../../../../core/domain/catalogue/songs.ts";
import { songRecord } from "../../../support/songs.ts";

const actor = { userId: "u", sessionId: "s", email: "a@example.com", role: "listener" } as const;

/** A catalogue of one song, which can be renamed; and how often all songs were read. */
function openCatalogue() {
  let reads = 0;
  const snapshotOf = (album: string) => ({
    version: 1,
    search: () => {
      reads += 1;
      return [toSong(songRecord("song", { artist: "Artist", albumArtist: "Artist", album }))];
    },
  });
  let snapshot = snapshotOf("Before");
  const deps = { search: { snapshot: async () => snapshot } } as unknown as CatalogueDeps;
  const rename = (album: string) => {
    snapshot = snapshotOf(album);
  };
  return { deps, rename, reads: () => reads };
}

async function titlesIn(deps: CatalogueDeps): Promise<string[]> {
  const { items } = await listAlbums(deps, actor, {});
  const [artist] = (await listArtists(deps, actor, {})).items;
  const { albums } = await getArtist(deps, actor, { artistId: artist?.artistId ?? "" });
  const songs = (await listSongs(deps, actor, { artist: "Artist" })).items;
  return [
    ...items.map(({ title }) => title),
    ...albums.map(({ title }) => title),
    ...songs.map((s) => s.album),
  ];
}

it("What is asked for again is not made again until the catalogue has changed", async () => {
  const { deps, rename, reads } = openCatalogue();
  expect(await titlesIn(deps)).toEqual(["Before", "Before", "Before"]);
  const first = reads();
  expect(await titlesIn(deps)).toEqual(["Before", "Before", "Before"]);
  expect(reads()).toBe(first);
  rename("After");
  expect(await titlesIn(deps)).toEqual(["After", "After", "After"]);
});
