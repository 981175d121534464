import { describe, expect, it } from "vitest";
import { ApiFailure } from "../../../client/failure.ts";
import { createKnownSongs } from "../../../client/state/known-songs.ts";
import { everything, filterSubscriptions, playableFrom, tagsOf } from "../../../client/state/listing.ts";
import { createLoader } from "../../../client/state/loader.ts";
import { createPager } from "../../../client/state/pager.ts";
import { createStore, select } from "../../../client/state/store.ts";
import { createToasts } from "../../../client/state/toasts.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { song } from "../support/songs.ts";
import { subscription } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

const clock = createFakeClock();
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

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

describe("what is fetched once more", () => {
  it("stays as it is until it has come, and where it cannot be fetched; only what is gone is told", async () => {
    let answer = async (): Promise<number> => 1;
    const loader = createLoader(() => answer());
    await loader.refresh();
    expect(loader.state.get()).toEqual({ kind: "idle" });
    await loader.load();
    const states: unknown[] = [];
    loader.state.subscribe((state) => states.push(state));
    answer = async () => Promise.reject(new Error("no"));
    await loader.refresh();
    expect(states).toEqual([]);
    answer = async () => 2;
    await loader.refresh();
    expect(states).toEqual([{ kind: "ready", value: 2 }]);
    answer = async () => Promise.reject(new ApiFailure("not-found", "Gone"));
    await loader.refresh();
    expect(loader.state.get()).toMatchObject({ kind: "failed", value: 2 });
  });

  it("is all pages of a list, which change at once", async () => {
    let names = ["a", "b", "c", "d", "e"];
    let fails = false;
    const pager = createPager(async (_query: "all", cursor) => {
      if (fails) throw new Error("no");
      const at = Number(cursor ?? 0);
      return { items: names.slice(at, at + 2), ...(at + 2 < names.length && { nextCursor: `${at + 2}` }) };
    });
    await pager.refresh();
    expect(pager.state.get().status).toBe("idle");
    await pager.restart("all");
    await pager.more();
    const states: unknown[] = [];
    pager.state.subscribe((state) => states.push(state));
    names = ["a", "new", "b", "c", "d", "e"];
    await pager.refresh();
    expect(states).toEqual([{ items: ["a", "new", "b", "c"], status: "ready", more: true }]);
    fails = true;
    await pager.refresh();
    expect(pager.state.get()).toMatchObject({ items: ["a", "new", "b", "c"], status: "ready", more: true });
    fails = false;
    await pager.more();
    expect(pager.state.get()).toEqual({ items: names, status: "ready", more: false });
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

describe("what follows the items of a pager", () => {
  it("comes page by page to its end, and is no part of the list that shows", async () => {
    const pages: Record<string, { items: number[]; nextCursor?: string }> = {
      first: { items: [1, 2], nextCursor: "second" },
      second: { items: [3], nextCursor: "third" },
      third: { items: [4] },
    };
    let fails = false;
    const pager = createPager(async (_query: string, cursor = "first") => {
      if (fails) throw new Error("no");
      return pages[cursor] ?? { items: [] };
    });
    await pager.restart("a");
    const rest = pager.rest();
    expect(await rest()).toEqual([3]);
    fails = true;
    await expect(rest()).rejects.toThrow("no");
    fails = false;
    await pager.restart("b");
    expect([await rest(), await rest(), await rest()]).toEqual([[4], undefined, undefined]);
    expect(pager.state.get().items).toEqual([1, 2]);
  });
});

describe("the song cache", () => {
  it("fetches each song once, a few at a time, and remembers which are gone", async () => {
    let [running, most, calls] = [0, 0, 0];
    const cache = createKnownSongs(async (id) => {
      calls += 1;
      running += 1;
      most = Math.max(most, running);
      await Promise.resolve();
      running -= 1;
      if (id === "gone") throw new ApiFailure("not-found", "There is no such thing.");
      return song(id);
    }, clock);
    cache.keep([song("kept")]);
    const ids = Array.from({ length: 20 }, (_, index) => `s${index}`);
    cache.want([...ids, "gone", "kept"]);
    cache.want(ids);
    await until(cache.byId, (known) => known.size === 22);
    expect(cache.byId.get().get("gone")).toBe("missing");
    expect({ calls, most }).toEqual({ calls: 21, most: 6 });
  });
});

describe("a song of the cache that has changed", () => {
  it("is shown as it was until somebody asks anew, and then no list that lags behind counts", async () => {
    const asked: string[] = [];
    const cache = createKnownSongs(async (id) => {
      asked.push(id);
      return song(id, { title: `New title ${asked.length}` });
    }, clock);
    const titleOf = (id: string) => (cache.byId.get().get(id) as { title: string }).title;
    cache.keep([song("s1", { title: "Old" }), song("s2", { title: "Old" })]);
    cache.outdate(["s1", "never-met"]);
    cache.want(["s1"]);
    expect([titleOf("s1"), asked]).toEqual(["Old", []]);
    cache.refresh(["s1", "s2"]);
    await until(cache.byId, () => titleOf("s1") === "New title 1");
    cache.keep([song("s1", { title: "Old" }), song("s2", { title: "Better" })]);
    expect([titleOf("s1"), titleOf("s2")]).toEqual(["New title 1", "Better"]);
    cache.outdate("many");
    cache.refresh(["s1"]);
    await until(cache.byId, () => titleOf("s1") === "New title 2");
    expect(asked).toEqual(["s1", "s1"]);
  });

  it("is asked for again where it changed while it was fetched, or could not be", async () => {
    const answers: PromiseWithResolvers<ReturnType<typeof song>>[] = [];
    const cache = createKnownSongs(() => {
      const answer = Promise.withResolvers<ReturnType<typeof song>>();
      answers.push(answer);
      return answer.promise;
    }, clock);
    const shows = (title: string) =>
      until(cache.byId, (all) => (all.get("s1") as { title?: string } | undefined)?.title === title);
    cache.want(["s1"]);
    cache.outdate(["s1"]);
    answers[0]?.resolve(song("s1", { title: "Of before" }));
    await shows("Of before");
    cache.refresh(["s1"]);
    await expect.poll(() => answers.length).toBe(2);
    answers[1]?.reject(new Error("no"));
    await settle();
    // Elements ask each time they render, which would be with each second of a song.
    cache.refresh(["s1"]);
    clock.advance(9_999);
    cache.refresh(["s1"]);
    expect(answers).toHaveLength(2);
    clock.advance(1);
    cache.refresh(["s1"]);
    expect(answers).toHaveLength(3);
    answers[2]?.resolve(song("s1", { title: "Of now" }));
    await shows("Of now");
  });
});

describe("songs by their ids", () => {
  it("come page by page in their order, without those that are gone; a page that fails comes again", async () => {
    let fails = false;
    const cache = createKnownSongs(async (id) => {
      if (fails) throw new ApiFailure("offline", "No");
      if (id === "gone") throw new ApiFailure("not-found", "There is no such thing.");
      return song(id);
    }, clock);
    const rest = cache.pages(["a", "gone", "c", "d", "e", "f", "g"]);
    const ids = async () => (await rest())?.map(({ songId }) => songId);
    expect(await ids()).toEqual(["a", "c", "d", "e", "f"]);
    expect(cache.byId.get().get("gone")).toBe("missing");
    fails = true;
    await expect(rest()).rejects.toThrow("No");
    fails = false;
    expect([await ids(), await ids()]).toEqual([["g"], undefined]);
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
    filterSubscriptions(list, songs, { ...everything, ...filter }).map((one) => one.subscription.songId);

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

  it.each([
    ["under their sort names", { sort: "artist" }, ["y", "x"]],
    ["by each artist", { text: "guest" }, ["x"]],
    ["with other kana as others", { text: "パス" }, ["y"]],
  ] as const)("are listed %s", (_what, filter, expected) => {
    const credited = new Map([
      [
        "x",
        song("x", {
          title: "バス",
          artist: "Duo",
          sortNames: { artist: "Zed" },
          artists: ["Nora", "Guest"].map((name) => ({ artistId: name, name })),
        }),
      ],
      ["y", song("y", { title: "パス", artist: "The Abbey", sortNames: { artist: "Abbey, The" } })],
    ]);
    const both = [subscription("x", 1), subscription("y", 2)];
    const listed = filterSubscriptions(both, credited, { ...everything, ...filter });
    expect(listed.map((one) => one.subscription.songId)).toEqual(expected);
  });

  it.each([
    ["c", ["c"], 0, ["a", "b"]],
    [undefined, ["c"], 0, ["a", "b"]],
    ["b", ["c", "b"], 1, []],
  ])("play from %s on: what is known, and then the rest by their ids", (songId, ids, first, rest) => {
    const known = new Map([...songs].filter(([id]) => ids.includes(id)));
    const order = { c: 0, a: 1, b: 2 };
    const listed = filterSubscriptions(list, known, everything).sort(
      (x, y) => order[x.subscription.songId as "a"] - order[y.subscription.songId as "a"],
    );
    const playable = playableFrom(listed, songId);
    expect(playable).toEqual({ songs: ids.map((id) => songs.get(id)), first, rest });
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
