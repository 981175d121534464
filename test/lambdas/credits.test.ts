import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { Album, Artist, Song } from "../../core/contract/catalogue.ts";
import { artistIdOf } from "../../core/domain/catalogue/text.ts";
import { describe as describeSong } from "../../core/domain/uploads/describe.ts";
import type { AudioTags } from "../../core/domain/uploads/tags.ts";
import { inspectFile } from "../../lambdas/audio/inspect-file.ts";
import { signUp, testDatabase } from "../support/accounts.ts";
import { type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { songRecord } from "../support/songs.ts";
import { until } from "../support/until.ts";

/** What files say of themselves, and the catalogue of it: uploads without the bytes. */
let world: RestWorld;
let token: string;
const files = [
  ...["09-slash-in-artist/acdc.mp3", "12-several-artists/nul.mp3", "12-several-artists/two-comments.flac"],
  ...["2-2", "1-2", "2-1", "1-1"].map((name) => `10-two-discs/${name}.mp3`),
  ...[3, 1, 2].flatMap((at) => [`11-compilation/${at}.mp3`, `19-letters-that-are-no-diacritics/${at}.mp3`]),
];
const written: AudioTags[] = [
  {
    title: "Alone",
    artist: "Rosa",
    album: "Rosa's",
    track: 1,
    sortNames: { artist: "Zed, Rosa", album: "Zzz" },
  },
  { title: "With a guest", artist: "Rosa feat. Nora", artists: ["Rosa", "Nora"], album: "Rosa's", track: 2 },
  { title: "Live", artist: "Rosa", album: "Older", originalDate: "1970", year: 2020 },
  {
    title: "Of a band",
    artist: "Someone",
    album: "Both",
    albumArtist: "Rosa, Nora",
    albumArtists: ["Rosa", "Nora"],
  },
  { title: "Sampler", artist: "Anna", album: "Of a shop", albumArtist: "Various" },
  { title: "No album", artist: "Anna", compilation: true },
];

beforeAll(async () => {
  world = await startRestWorld();
  const store = createSongStore(testDatabase(world.aws));
  const tags = [...(await Promise.all(files.map(tagsOfCase))), ...written];
  await Promise.all(
    tags.map((one, at) => store.put(songRecord(`song-${at}`, describeSong(`${at}.mp3`, one)))),
  );
  token = (await signUp(world.auth)).accessToken;
  await until("the index has every song", async () => {
    const { items } = (await get("/api/albums?limit=200")) as { items: Album[] };
    return items.reduce((sum, { songs }) => sum + songs, 0) === tags.length;
  });
}, 60_000);
afterAll(() => world.close());

const tagsOfCase = (path: string): Promise<AudioTags> =>
  inspectFile(fileURLToPath(new URL(`../cases/${path}`, import.meta.url)));

const get = async (path: string) => (await world.call("GET", path, { token })).body;
const titles = async (path: string): Promise<string[]> =>
  (await get(path)).items.map(({ title }: Song) => title).sort();
const artist = (name: string) => get(`/api/artists/${artistIdOf(name)}`);
const namesOf = (albums: readonly Album[]) => albums.map(({ title }) => title);
async function album(title: string) {
  const { items } = await get("/api/albums?limit=200");
  const [found, ...others] = (items as Album[]).filter((one) => one.title === title);
  expect(others).toEqual([]);
  return get(`/api/albums/${found?.albumId}`);
}

describe("Albums", () => {
  it("play by disc, then track", async () => {
    const { songs } = await album("Two discs");
    const places = songs.map(({ disc, track }: Song) => `${disc}-${track}`);
    expect(places).toEqual(["1-1", "1-2", "2-1", "2-2"]);
  });

  it("of many are one, and nobody's", async () => {
    const found = await album("Case Hits");
    expect(found.album).toMatchObject({
      artist: "Various Artists",
      artists: [],
      compilation: true,
      songs: 3,
    });
    expect(found.songs.map((song: Song) => song.artist)).toEqual(["Anna", "Bert", "Cleo"]);
    expect((await world.call("GET", `/api/artists/${artistIdOf("Various Artists")}`, { token })).status).toBe(
      404,
    );
  });

  it("keep a song that has a guest", async () => {
    expect((await album("Rosa's")).album).toMatchObject({ songs: 2, artist: "Rosa" });
  });

  it("tell when they first came out", async () => {
    expect((await album("Older")).album).toMatchObject({ year: 2020, originalDate: "1970" });
  });

  it("stand under their sort names", async () => {
    const { items } = await get("/api/albums?limit=200");
    expect(namesOf(items).at(-1)).toBe("Rosa's");
  });
});

describe("Artists", () => {
  it("are each with an id, beside what is printed", async () => {
    const [song] = (await get("/api/songs?title=with")).items;
    expect(song).toMatchObject({
      artist: "Rosa feat. Nora",
      artistId: artistIdOf("Rosa"),
      artists: [
        { artistId: artistIdOf("Rosa"), name: "Rosa" },
        { artistId: artistIdOf("Nora"), name: "Nora" },
      ],
    });
  });

  it.each(["nora", "omar"])("of a song are found by a search for %s", async (q) => {
    expect(await titles(`/api/songs?q=${q}`)).toEqual(
      expect.arrayContaining(["Nul separated", "Two comments"]),
    );
  });

  it.each(["nora", "Nora, Omar", "omar"])("of a song narrow a list to %s", async (name) => {
    const found = await titles(`/api/songs?artist=${encodeURIComponent(name)}&limit=200`);
    expect(found).toEqual(expect.arrayContaining(["Nul separated", "Two comments"]));
  });

  it("that narrow a list do so page by page", async () => {
    const first = await get("/api/songs?artist=nora&limit=2");
    const second = await get(`/api/songs?artist=nora&limit=2&cursor=${first.nextCursor}`);
    const paged = [...first.items, ...second.items].map(({ title }: Song) => title);
    expect([paged, second.nextCursor]).toEqual([
      ["Nul separated", "Two comments", "With a guest"],
      undefined,
    ]);
  });

  it.each(["Nora", "Omar"])("of a song each list it: %s", async (name) => {
    const { artist: found, songs } = await artist(name);
    expect(found.name).toBe(name);
    expect(songs.map(({ title }: Song) => title)).toEqual(
      expect.arrayContaining(["Nul separated", "Two comments"]),
    );
  });

  it("list their albums by date, and those of others that they appear on", async () => {
    const rosa = await artist("Rosa");
    expect([namesOf(rosa.albums), namesOf(rosa.appearsOn)]).toEqual([["Older", "Both", "Rosa's"], []]);
    const nora = await artist("Nora");
    expect(namesOf(nora.albums)).toEqual(["Both", "Unknown album"]);
    expect(namesOf(nora.appearsOn)).toEqual(["Rosa's"]);
    const anna = await artist("Anna");
    expect([namesOf(anna.albums), namesOf(anna.appearsOn)]).toEqual([
      ["Unknown album"],
      ["Case Hits", "Of a shop"],
    ]);
  });

  it("with other letters are others, and a slash is part of a name", async () => {
    const { items } = (await get("/api/artists?limit=200")) as { items: Artist[] };
    const found = new Map(items.map(({ name, songs }) => [name, songs]));
    for (const name of ["ハス", "バス", "パス", "AC/DC"]) expect([name, found.get(name)]).toEqual([name, 1]);
    expect(found.has("AC")).toBe(false);
    expect(items.at(-4)).toMatchObject({ name: "Rosa", sortName: "Zed, Rosa", songs: 3, albums: 3 });
  });
});
