import { setTimeout as pause } from "node:timers/promises";
import type { Album, AlbumDetail, Artist, SongPage } from "../../core/contract/catalogue.ts";
import type { ApiClient } from "../support/api-client.ts";
import { type Case, listed, same } from "./case.ts";
import { folderOf } from "./stage.ts";

type Items<T> = { readonly items: readonly T[] };

const titlesFor = async (listener: ApiClient, q: string): Promise<string[]> =>
  (await listener.get<SongPage>(`/api/songs?q=${encodeURIComponent(q)}&limit=100`)).items.map(
    ({ title }) => title,
  );

/** What each listener types, and what must be among the results. */
const searches: readonly (readonly [string, string])[] = [
  ["rem", "Losing Case"],
  ["blink182", "Small Case"],
  ["ナイト", "東京ナイト"],
  ["林檎", "東京ナイト"],
  ["편지", "밤편지"],
  ["!!!", "Louder Case"],
  ["mo final", "Final Case"],
  ["weiss", "Weiß"],
];
/** So long the index may take. */
const indexedMs = 3_000;

/** What the catalogue makes of good files: albums, artists, search. */
export const catalogueCases: readonly Case[] = [
  {
    name: "10-two-discs",
    right: "Disc 1 track 1, Disc 1 track 2, Disc 2 track 1, Disc 2 track 2",
    async attempt({ importFolder, listener, openPage }) {
      const { songs } = await importFolder(folderOf(this.name));
      const albumId = songs[0]?.albumId ?? "";
      const detail = await listener.get<AlbumDetail>(`/api/albums/${albumId}`);
      const { page, context } = await openPage();
      await page.goto(new URL(`/albums/${albumId}`, page.url()).href);
      const rows = page.locator("encore-album-page encore-song-row .title");
      await rows.first().waitFor();
      const shown = (await rows.allTextContents()).join(", ");
      await context.close();
      const told = detail.songs.map(({ title }) => title).join(", ");
      return told === shown
        ? same(told, this.right)
        : { ok: false, came: `the API: ${told}; the page: ${shown}` };
    },
  },
  {
    name: "11-compilation",
    right: "one album of 3",
    async attempt({ importFolder, listener }) {
      await importFolder(folderOf(this.name));
      const { items } = await listener.get<Items<Album>>("/api/albums?limit=100");
      const albums = items.filter(({ title }) => title === "Case Hits");
      const came = albums.map(({ songs }) => songs).join(" and ");
      return same(
        albums.length === 1 ? `one album of ${came}` : `${albums.length} albums of ${came}`,
        this.right,
      );
    },
  },
  {
    name: "12-several-artists",
    right: 'both songs name Nora and Omar, and "omar" finds both',
    async attempt({ importFolder, listener }) {
      const { songs } = await importFolder(folderOf(this.name));
      await pause(indexedMs);
      const found = await titlesFor(listener, "omar");
      const ok =
        songs.length === 2 &&
        songs.every(({ artist, title }) => /Nora.+Omar/.test(artist) && found.includes(title));
      return {
        ok,
        came: `${listed(songs, ({ artist }) => artist)}; found: ${found.join(", ") || "nothing"}`,
      };
    },
  },
  {
    name: "19-letters-that-are-no-diacritics",
    right: "ハス 1, バス 1, パス 1",
    async attempt({ importFolder, listener }) {
      const { songs } = await importFolder(folderOf(this.name));
      await pause(indexedMs);
      const ids = new Set(songs.map(({ artistId }) => artistId));
      const { items } = await listener.get<Items<Artist>>("/api/artists?limit=100");
      const artists = items.filter(({ artistId }) => ids.has(artistId));
      const lines = artists.map(({ name, songs: count }) => `${name} ${count}`);
      return same(lines.sort().join(", "), this.right);
    },
  },
  {
    name: "28-search",
    right: "all eight found",
    async attempt({ importFolder, listener }) {
      await importFolder(folderOf(this.name));
      await pause(indexedMs);
      const missed: string[] = [];
      for (const [q, title] of searches)
        if (!(await titlesFor(listener, q)).includes(title)) missed.push(`${q} does not find ${title}`);
      return same(missed.join("; ") || "all eight found", this.right);
    },
  },
];
