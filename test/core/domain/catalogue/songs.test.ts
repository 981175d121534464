import { expect, it } from "vitest";
import type { SongSearch } from "../../../../core/domain/catalogue/ports.ts";
import { toSong } from "../../../../core/domain/catalogue/record.ts";
import { type CatalogueDeps, listSongs } from "../../../../core/domain/catalogue/songs.ts";
import { songRecord } from "../../../support/songs.ts";

it("A search looks at the titles of what it finds only where one is asked for", async () => {
  const song = toSong(songRecord("song", { title: "Title" }));
  let reads = 0;
  const found = {
    ...song,
    get title() {
      reads += 1;
      return song.title;
    },
  };
  const search = { snapshot: async () => ({ search: () => [found] }) } as unknown as SongSearch;
  const deps = { search } as CatalogueDeps;
  const actor = { userId: "u", sessionId: "s", email: "a@example.com", role: "listener" } as const;
  await listSongs(deps, actor, { q: "t" });
  expect(reads).toBe(0);
  await listSongs(deps, actor, { q: "t", title: "ti" });
  expect(reads).toBe(1);
});
