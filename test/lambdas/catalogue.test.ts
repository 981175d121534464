import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSongStore } from "../../core/aws/song-store.ts";
import type { SongPage } from "../../core/contract/catalogue.ts";
import type { SongRecord } from "../../core/domain/catalogue/ports.ts";
import { albumIdOf, artistIdOf } from "../../core/domain/catalogue/text.ts";
import { signUp, testDatabase } from "../support/accounts.ts";
import { createRandom, runSeed } from "../support/random.ts";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { until } from "../support/until.ts";

let world: RestWorld;
let token: string;
let curator: string;
const seed = runSeed();
const random = createRandom(seed);

const artists = ["Größenwahn", "Big Trouble", "東京ナイト", "Ólafur"];
const songs: SongRecord[] = Array.from({ length: 60 }, (_, at) => song(at));

function song(at: number): SongRecord {
  const artist = artists[at % artists.length] ?? "";
  const object = { etag: '"x"', sizeBytes: 1_000, contentType: "audio/mpeg" };
  return {
    songId: `song-${String(at).padStart(3, "0")}`,
    title: `${["Café", "cafe", "Zebra", "Éclair", "apple", "Ångström"][at % 6]} ${Math.floor(random() * 1_000)}`,
    artist,
    album: `Album ${at % 8}`,
    albumArtist: artist,
    track: 1 + Math.floor(at / 8),
    year: 1990 + (at % 5),
    genres: at % 2 ? ["Jazz"] : ["Électronique", "Pop"],
    durationSeconds: 100 + at,
    tier: at % 3 ? "free" : "premium",
    sha256: "0".repeat(64),
    audio: { ...object, key: `audio/song-${at}`, modifiedAt: "2026-01-01T00:00:00.000Z" },
    addedAt: "2026-01-01T00:00:00.000Z",
    version: 1,
  };
}

beforeAll(async () => {
  world = await startRestWorld();
  const store = createSongStore(testDatabase(world.aws));
  for (const record of songs) await store.put(record);
  token = (await signUp(world.auth)).accessToken;
  curator = (await signUp(world.auth, { role: "curator" })).accessToken;
  await until(
    "the index has every song",
    async () => (await all("/api/songs?q=album")).length === songs.length,
  );
}, 60_000);
afterAll(() => world.close());

const get = (path: string) => world.call("GET", path, { token });

/** Every item of a list, page by page. */
async function all(path: string): Promise<Record<string, unknown>[]> {
  const items: Record<string, unknown>[] = [];
  let cursor: string | undefined;
  do {
    const url = new URL(path, "http://x");
    if (cursor) url.searchParams.set("cursor", cursor);
    const { status, body } = await get(`${url.pathname}${url.search}`);
    expect(status).toBe(200);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor);
  return items;
}
const idsOf = (items: readonly Record<string, unknown>[], name = "songId") =>
  items.map((item) => String(item[name]));
const wanted = (which: (song: SongRecord) => boolean | undefined) =>
  songs
    .filter(which)
    .map(({ songId }) => songId)
    .sort();

describe(`Songs (seed ${seed})`, () => {
  it.each([1, 7, 50, 200])("are listed by title, %i a page, each exactly once", async (limit) => {
    const items = await all(`/api/songs?limit=${limit}`);
    expect(idsOf(items).sort()).toEqual(wanted(() => true));
    const fold = (text: unknown) =>
      String(text)
        .normalize("NFKD")
        .replace(/\p{Mn}/gu, "")
        .toLowerCase();
    const titles = items.map(({ title }) => fold(title));
    expect(titles).toEqual([...titles].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
  });

  it("show what the contract says and nothing of our inside", async () => {
    const { body } = await get("/api/songs/song-001");
    expect(body).toEqual({
      songId: "song-001",
      title: songs[1]?.title,
      artist: "Big Trouble",
      artistId: artistIdOf("Big Trouble"),
      artists: [{ artistId: artistIdOf("Big Trouble"), name: "Big Trouble" }],
      album: "Album 1",
      albumId: albumIdOf("Big Trouble", "Album 1"),
      albumArtist: "Big Trouble",
      albumArtists: [{ artistId: artistIdOf("Big Trouble"), name: "Big Trouble" }],
      compilation: false,
      track: 1,
      year: 1991,
      genre: "Jazz",
      genres: ["Jazz"],
      durationSeconds: 101,
      contentType: "audio/mpeg",
      sizeBytes: 1000,
      tier: "free",
      hasPreview: false,
      streamUrl: "/stream/song-001",
      addedAt: "2026-01-01T00:00:00.000Z",
    });
  });

  it.each([
    [
      "artist, as it is typed without an ß",
      "artist=grossenwahn",
      (s: SongRecord) => s.artist === "Größenwahn",
    ],
    [
      "artist, as it is written",
      `artist=${encodeURIComponent("GRÖßENWAHN")}`,
      (s: SongRecord) => s.artist === "Größenwahn",
    ],
    ["artist without its accent", "artist=olafur", (s: SongRecord) => s.artist === "Ólafur"],
    ["album", "album=album%203", (s: SongRecord) => s.album === "Album 3"],
    ["year", "year=1993", (s: SongRecord) => s.year === 1993],
    ["genre", "genre=electronique", (s: SongRecord) => s.genres?.includes("Électronique")],
    ["another of several genres", "genre=pop", (s: SongRecord) => s.genres?.includes("Pop")],
    ["start of the title", "title=CAF", (s: SongRecord) => /^caf/i.test(s.title)],
    [
      "year and genre",
      "year=1991&genre=jazz",
      (s: SongRecord) => s.year === 1991 && s.genres?.includes("Jazz"),
    ],
    [
      "artist and year",
      "artist=big%20trouble&year=1991",
      (s: SongRecord) => s.artist === "Big Trouble" && s.year === 1991,
    ],
    ["a year that has none", "year=1800", () => false],
  ] as const)("are narrowed by %s", async (_, query, which) => {
    expect(idsOf(await all(`/api/songs?${query}&limit=5`)).sort()).toEqual(wanted(which));
  });

  it.each([
    ["the start of a word", "zeb", (s: SongRecord) => s.title.startsWith("Zebra")],
    ["a slip", "zebbra", (s: SongRecord) => s.title.startsWith("Zebra")],
    ["letters that changed places", "agnstrom", (s: SongRecord) => s.title.startsWith("Ångström")],
    ["no accents", "eclair", (s: SongRecord) => s.title.startsWith("Éclair")],
    ["accents where there are none", "äpple", (s: SongRecord) => s.title.startsWith("apple")],
    ["another script", "東京", (s: SongRecord) => s.artist === "東京ナイト"],
    [
      "words of title and artist",
      "zebra trouble",
      (s: SongRecord) => s.title.startsWith("Zebra") && s.artist === "Big Trouble",
    ],
    ["nothing that is there", "xylophonic", () => false],
  ] as const)("are found by %s", async (_, q, which) => {
    const found = idsOf(await all(`/api/songs?q=${encodeURIComponent(q)}&limit=9`));
    expect(new Set(found).size).toBe(found.length);
    expect(found.sort()).toEqual(wanted(which));
  });

  it("are found by the first 200 characters of a text that is longer, and emoji stay whole", async () => {
    const cut = `cafe${" ".repeat(190)}👩‍👩‍👧‍👦 xylophonic`;
    for (const q of [cut, cut.slice(0, 194), `${" ".repeat(300)}cafe`])
      expect(idsOf(await all(`/api/songs?q=${encodeURIComponent(q)}&limit=9`)).sort()).toEqual(
        idsOf(await all("/api/songs?q=cafe")).sort(),
      );
    expect((await get(`/api/songs?q=${"x".repeat(2_000)}`)).status).toBe(200);
  });

  it("are found within a filter", async () => {
    const found = idsOf(await all("/api/songs?q=cafe&genre=jazz"));
    expect(found.sort()).toEqual(
      wanted(({ title, genres }) => /^caf/i.test(title) && genres?.includes("Jazz")),
    );
  });

  it.each([
    "limit=0",
    "limit=201",
    "limit=x",
    "limit=1.5",
    "year=x",
    "year=-1",
    "surprise=1",
    "title=",
    "cursor=",
  ])("are refused for %s", async (query) => {
    const answer = await get(`/api/songs?${query}`);
    expect(answer.status).toBe(400);
    expect(problemOf(answer).kind).toBe("invalid-request");
  });

  it.each(["x", "e30", "bnVsbA", Buffer.from('{"after":7}').toString("base64url"), "%F0%9F%8E%B5"])(
    "are refused for the cursor %s",
    async (cursor) => {
      for (const list of ["/api/songs?", "/api/songs?q=cafe&", "/api/albums?", "/api/artists?"]) {
        const answer = await get(`${list}cursor=${cursor}`);
        expect(answer.status).toBe(400);
        expect(["invalid-cursor", "invalid-request"]).toContain(problemOf(answer).kind);
      }
    },
  );

  it.each(["/api/songs/nothing", "/api/albums/nothing", "/api/artists/nothing"])(
    "%s is not there",
    async (path) => {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(problemOf(answer).kind).toBe("not-found");
    },
  );

  it.each(["/api/songs", "/api/songs/song-001", "/api/albums", "/api/artists"])(
    "%s wants a session",
    async (path) => {
      expect((await world.call("GET", path)).status).toBe(401);
    },
  );
});

describe("Albums and artists", () => {
  it("follow from the songs, each exactly once", async () => {
    const albums = await all("/api/albums?limit=3");
    const expected = new Set(songs.map(({ album, albumArtist }) => `${albumArtist}/${album}`));
    expect(albums.map(({ artist, title }) => `${artist}/${title}`).sort()).toEqual([...expected].sort());
    const found = await all("/api/artists?limit=1");
    expect(found.map(({ name }) => String(name)).sort()).toEqual([...artists].sort());
  });

  it("are shown with their songs, an album in the order of its tracks", async () => {
    const [album] = await all("/api/albums");
    const { body } = await get(`/api/albums/${album?.albumId}`);
    const tracks = body.songs.map(({ track }: { track: number }) => track);
    expect(tracks).toEqual([...tracks].sort((a: number, b: number) => a - b));
    expect(body.album.songs).toBe(body.songs.length);
    const artist = await get(`/api/artists/${body.songs[0].artistId}`);
    expect(artist.body.artist.songs).toBe(artist.body.songs.length);
    expect(artist.body.songs).toHaveLength(songs.filter((one) => one.artist === body.songs[0].artist).length);
  });
});

describe("A curator", () => {
  it("alone may correct and remove", async () => {
    for (const [method, body] of [
      ["PATCH", { title: "Mine" }],
      ["DELETE", undefined],
    ] as const) {
      const answer = await world.call(method, "/api/songs/song-002", { token, ...(body && { body }) });
      expect(answer.status).toBe(403);
      expect(problemOf(answer).kind).toBe("not-allowed");
    }
    expect((await get("/api/songs/song-002")).body.title).toBe(songs[2]?.title);
  });

  it("corrects a song, which is soon found by its new name and no longer by the old one", async () => {
    const body = { title: "Quetzalcoatl", year: 2001 };
    const answer = await world.call("PATCH", "/api/songs/song-003", { token: curator, body });
    expect(answer.body).toMatchObject(body);
    await until("it is found", async () => idsOf(await all("/api/songs?q=quetzal"))[0] === "song-003");
    expect(idsOf(await all("/api/songs?title=quetzal"))).toEqual(["song-003"]);
    expect(idsOf(await all("/api/songs?year=2001"))).toEqual(["song-003"]);
    const old = songs[3]?.title ?? "";
    expect(idsOf(await all(`/api/songs?q=${encodeURIComponent(old)}`))).not.toContain("song-003");
  });

  it("credits several artists, whose pages then list the song, and takes away by null", async () => {
    const body = { artists: ["Nora", "Omar"], genres: ["Folk", "Jazz"], disc: 2, track: null, year: null };
    const { body: song } = await world.call("PATCH", "/api/songs/song-007", { token: curator, body });
    expect(song).toMatchObject({ artist: "Nora, Omar", genre: "Folk", disc: 2 });
    expect(song).not.toHaveProperty("track");
    expect(song).not.toHaveProperty("year");
    for (const name of ["Nora", "Omar"])
      await until(
        "the artist has a page",
        async () => idsOf((await get(`/api/artists/${artistIdOf(name)}`)).body.songs ?? [])[0] === "song-007",
      );
    expect(idsOf(await all("/api/songs?genre=folk"))).toEqual(["song-007"]);
    expect(idsOf(await all(`/api/songs?year=${songs[7]?.year}`))).not.toContain("song-007");
  });

  it.each([
    {},
    { artists: [] },
    { artists: [""] },
    { title: null },
    { disc: 0 },
    { originalDate: "May" },
    { title: "" },
    { year: "x" },
    { songId: "other" },
    { sha256: "x" },
    { tier: "gold" },
    { version: 9 },
  ])("cannot correct to %o", async (body) => {
    const answer = await world.call("PATCH", "/api/songs/song-004", { token: curator, body });
    expect(answer.status).toBe(400);
  });

  it("who corrects at the same time as another loses nothing: one is told to look again", async () => {
    const rename = (title: string) =>
      world.call("PATCH", "/api/songs/song-005", { token: curator, body: { title } });
    const answers = await Promise.all(["One", "Two", "Three", "Four"].map(rename));
    const done = answers.filter(({ status }) => status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const refused of answers.filter(({ status }) => status !== 200))
      expect(problemOf(refused)).toMatchObject({ kind: "conflict", status: 409 });
    const { title } = (await get("/api/songs/song-005")).body;
    expect(done.map(({ body }) => body.title)).toContain(title);
  });

  it("removes a song from every list", async () => {
    const { albumId } = (await get("/api/songs/song-006")).body as SongPage["items"][number];
    expect((await world.call("DELETE", "/api/songs/song-006", { token: curator })).status).toBe(204);
    expect((await get("/api/songs/song-006")).status).toBe(404);
    expect((await world.call("DELETE", "/api/songs/song-006", { token: curator })).status).toBe(404);
    expect(idsOf(await all("/api/songs"))).not.toContain("song-006");
    expect(idsOf((await get(`/api/albums/${albumId}`)).body.songs)).not.toContain("song-006");
    const { title } = songs[6] as SongRecord;
    await until(
      "the index forgets it",
      async () => !idsOf(await all(`/api/songs?q=${encodeURIComponent(title)}`)).includes("song-006"),
    );
  });
});
