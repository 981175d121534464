import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../client/failure.ts";
import { everything, listSubscriptions, tagsOf } from "../../../client/state/listing.ts";
import { createLoader } from "../../../client/state/loader.ts";
import { createPager } from "../../../client/state/pager.ts";
import { parseRoute } from "../../../client/state/router.ts";
import { createSongCache } from "../../../client/state/songs.ts";
import { createStore, select } from "../../../client/state/store.ts";
import { createToasts } from "../../../client/state/toasts.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { song } from "../support/songs.ts";
import { subscription } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

describe("a store", () => {
  it("tells changes alone, and nobody who has left", () => {
    const store = createStore({ a: 1, b: 1 });
    const seen: number[] = [];
    const undo = select(store, ({ a }) => a).subscribe((a) => seen.push(a));
    store.set({ a: 1, b: 2 });
    store.set({ a: 2, b: 2 });
    undo();
    store.set({ a: 3, b: 2 });
    expect(seen).toEqual([2]);
  });
});

describe("a loader", () => {
  it("lets the later request win, whichever answers first", async () => {
    const answers = new Map<string, PromiseWithResolvers<string>>();
    const aborted: string[] = [];
    const loader = createLoader((input: string, signal) => {
      const answer = Promise.withResolvers<string>();
      answers.set(input, answer);
      signal.addEventListener("abort", () => aborted.push(input));
      return answer.promise;
    });
    const loads = [loader.load("a"), loader.load("b")];
    answers.get("b")?.resolve("B");
    answers.get("a")?.resolve("A");
    await Promise.all(loads);
    expect(loader.state.get()).toEqual({ kind: "ready", value: "B" });
    expect(aborted).toEqual(["a"]);
  });

  it("keeps what it had while it fetches again and when that fails", async () => {
    let fails = false;
    const loader = createLoader(async () => {
      if (fails) throw new Error("no");
      return 1;
    });
    await loader.load();
    fails = true;
    const again = loader.load();
    expect(loader.state.get()).toEqual({ kind: "loading", value: 1 });
    await again;
    expect(loader.state.get()).toMatchObject({ kind: "failed", value: 1 });
  });
});

describe("a pager", () => {
  it("appends page by page, tries a failed page again, and starts over", async () => {
    let fails = false;
    const pager = createPager(async (query: string, cursor) => {
      if (fails) throw new Error("no");
      return cursor ? { items: [`${query}2`] } : { items: [`${query}1`], nextCursor: "x" };
    });
    await pager.restart("a");
    fails = true;
    await pager.more();
    expect(pager.state.get()).toMatchObject({ status: "failed", items: ["a1"], more: true });
    fails = false;
    await pager.more();
    await pager.more();
    expect(pager.state.get()).toEqual({ status: "ready", items: ["a1", "a2"], more: false });
    await pager.restart("b");
    expect(pager.state.get().items).toEqual(["b1"]);
  });
});

describe("routes", () => {
  it.each([
    ["/", { page: "library", q: "" }],
    ["/?q=m%C3%BCll%26", { page: "library", q: "müll&" }],
    ["/albums", { page: "albums" }],
    ["/albums/a%2Fb", { page: "album", id: "a/b" }],
    ["/artists/x", { page: "artist", id: "x" }],
    ["/subscriptions", { page: "subscriptions" }],
    ["/account/", { page: "account" }],
    ["/artists", { page: "not-found" }],
    ["/albums/%E0%A4%A", { page: "album", id: "%E0%A4%A" }],
    ["/albums/a/b", { page: "not-found" }],
    ["/docs", { page: "not-found" }],
  ])("%s", (path, route) => {
    expect(parseRoute(new URL(path, "http://localhost"))).toEqual(route);
  });
});

describe("the song cache", () => {
  it("fetches each song once, a few at a time, and remembers which are gone", async () => {
    let [running, most, calls] = [0, 0, 0];
    const cache = createSongCache(async (id) => {
      calls += 1;
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (id === "gone") throw new ApiFailure("not-found", "There is no such thing.");
      return song(id);
    });
    cache.keep([song("kept")]);
    const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
    cache.want([...ids, "gone", "kept"]);
    cache.want(ids);
    await until(cache.byId, (known) => known.size === 22);
    expect(cache.byId.get().get("gone")).toBe("missing");
    expect({ calls, most }).toEqual({ calls: 21, most: 6 });
  });
});

describe("my subscriptions", () => {
  const songs = new Map([
    ["a", song("a", { title: "Élan", artist: "Zoe" })],
    ["b", song("b", { title: "Band 10", artist: "Abe" })],
    ["c", song("c", { title: "Band 9", artist: "Abe" })],
  ]);
  const list = [
    { ...subscription("a", 1), rating: 2, tags: ["jog"], subscribedAt: "2026-01-01T00:00:00.000Z" },
    { ...subscription("b", 2), rating: 5, tags: ["Calm", "jog"], subscribedAt: "2026-01-02T00:00:00.000Z" },
    { ...subscription("c", 3), pinned: true, subscribedAt: "2025-01-01T00:00:00.000Z" },
  ];
  const ids = (filter: Partial<typeof everything>) =>
    listSubscriptions(list, songs, { ...everything, ...filter }).map((one) => one.subscription.songId);

  it.each([
    ["pinned first, then newest", {}, ["c", "b", "a"]],
    ["by title, numbers as numbers", { sort: "title" }, ["c", "b", "a"]],
    ["by artist", { sort: "artist" }, ["c", "b", "a"]],
    ["by rating", { sort: "rating" }, ["c", "b", "a"]],
    ["of a tag", { tag: "jog" }, ["b", "a"]],
    ["of a rating", { rating: 3 }, ["b"]],
    ["without diacritics", { text: "elan" }, ["a"]],
    ["by a tag's text", { text: "calm" }, ["b"]],
  ] as const)("are listed %s", (_what, filter, expected) => {
    expect(ids(filter)).toEqual(expected);
  });

  it("offer their tags in alphabetical order", () => {
    expect(tagsOf(list)).toEqual(["Calm", "jog"]);
  });
});

describe("toasts", () => {
  it("go by themselves, those with an action later, and never show a text twice", () => {
    const clock = createFakeClock();
    const toasts = createToasts(clock);
    toasts.show("a");
    toasts.show("a");
    toasts.show("b", { action: { label: "Undo", run: () => {} } });
    expect(toasts.items.get().map(({ text }) => text)).toEqual(["a", "b"]);
    clock.advance(7_000);
    expect(toasts.items.get().map(({ text }) => text)).toEqual(["b"]);
    clock.advance(9_000);
    expect(toasts.items.get()).toEqual([]);
  });
});
