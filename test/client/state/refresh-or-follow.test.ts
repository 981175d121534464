import { beforeEach, expect, it } from "vitest";
import { ApiFailure } from "../../../client/failure.ts";
import { createLoader } from "../../../client/state/loader.ts";
import { refreshOrFollow } from "../../../client/state/refresh-or-follow.ts";
import { createStore } from "../../../client/state/store.ts";
import type { Song } from "../../../core/contract/catalogue.ts";
import type { View } from "../../../core/domain/views.ts";
import { song } from "../support/songs.ts";

type Detail = { songs: readonly Song[] };

const route = createStore<View>({ page: "album", id: "before" });
let replaced: string[];
let isGone: boolean;
let loader: ReturnType<typeof createLoader<Detail, string>>;

beforeEach(async () => {
  [replaced, isGone] = [[], false];
  loader = createLoader<Detail, string>(async () => {
    if (isGone) throw new ApiFailure("not-found", "There is no such thing.");
    return { songs: [song("a")] };
  });
  await loader.load("before");
});

const follow = (askedFor: () => void = () => {}) =>
  refreshOrFollow(
    {
      router: { route, replace: (path) => replaced.push(path) },
      api: {
        song: async (songId) => {
          askedFor();
          return song(songId, { albumId: "now" });
        },
      },
    },
    loader,
    ({ albumId }, { songs }) => `/albums/${albumId}?${songs.length}`,
  );

it("A page of what was renamed goes where its songs went", async () => {
  await follow();
  expect(replaced).toEqual([]);
  isGone = true;
  await follow();
  expect(replaced).toEqual(["/albums/now?1"]);
});

it("Nobody is taken from where they went meanwhile", async () => {
  isGone = true;
  await follow(() => route.set({ page: "library", q: "" }));
  expect(replaced).toEqual([]);
});
