import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import { closeAccount } from "../../../../core/domain/subscriptions/close.ts";
import {
  deleteSubscription,
  patchSubscription,
  putSubscription,
} from "../../../../core/domain/subscriptions/write.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import {
  databaseOf,
  newActor,
  subscriptionDeps,
  type TestDeps,
  wholeList,
} from "../../../support/subscriptions.ts";
import { crashingStore } from "./crashing-store.ts";

let aws: TestAws;
let deps: TestDeps;
let actor: Actor;
let crash: ReturnType<typeof crashingStore>;

beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  actor = newActor();
  deps = subscriptionDeps(databaseOf(aws), (store) => {
    crash = crashingStore(store);
    return crash.store;
  });
});

const put = (input: Parameters<typeof putSubscription>[2]) => putSubscription(deps, actor, input);
const patch = (input: Parameters<typeof patchSubscription>[2]) => patchSubscription(deps, actor, input);
const remove = (input: Parameters<typeof deleteSubscription>[2]) => deleteSubscription(deps, actor, input);
const head = async () => deps.subscriptions.head(actor.userId);

describe("putting a subscription", () => {
  it("subscribes with defaults and answers the first revision", async () => {
    const { epoch, ...result } = await put({ songId: "a" });
    expect(epoch).toMatch(/^[0-9A-Z]{26}$/);
    expect(result).toEqual({
      revision: 1,
      subscription: {
        songId: "a",
        tags: [],
        pinned: false,
        subscribedAt: "2026-03-04T05:06:07.000Z",
        revision: 1,
      },
    });
  });

  it("replaces all settings and keeps the day of the subscription", async () => {
    const first = await put({ songId: "a", rating: 5, tags: ["x"], pinned: true });
    deps = { ...deps, clock: { now: () => new Date("2030-01-01T00:00:00.000Z") } };
    const second = await put({ songId: "a", tags: ["y"] });
    expect(second.subscription).toEqual({
      songId: "a",
      tags: ["y"],
      pinned: false,
      subscribedAt: first.subscription?.subscribedAt,
      revision: 2,
    });
  });

  it("makes no revision where nothing changes", async () => {
    await put({ songId: "a", rating: 3 });
    await put({ songId: "b" });
    expect(await put({ songId: "a", rating: 3 })).toMatchObject({
      revision: 2,
      subscription: { revision: 1 },
    });
    expect(await head()).toMatchObject({ headRevision: 2, count: 2 });
  });

  it("refuses a song that is not there", async () => {
    deps.unknownSongs.add("gone");
    await expect(put({ songId: "gone" })).rejects.toMatchObject({ kind: "not-found" });
    expect(await head()).toMatchObject({ headRevision: 0 });
  });

  it("stops at the plan's limit, but lets what is there be changed and removed", async () => {
    for (let n = 0; n < 25; n++) await put({ songId: `s${n}` });
    deps.plan = "free";
    await expect(put({ songId: "more" })).rejects.toMatchObject({
      kind: "subscription-limit",
      extras: { requiredPlan: "plus" },
    });
    expect((await put({ songId: "s0", rating: 1 })).revision).toBe(26);
    await remove({ songId: "s1" });
    expect((await put({ songId: "more" })).revision).toBe(28);
  });

  it("counts the change whose row was never written", async () => {
    deps.plan = "free";
    for (let n = 0; n < 24; n++) await put({ songId: `s${n}` });
    crash.arm("before-row");
    await put({ songId: "s24" });
    await expect(put({ songId: "more" })).rejects.toMatchObject({ kind: "subscription-limit" });
  });

  it("refuses an account that is not there any more", async () => {
    deps = { ...deps, accounts: { get: async () => undefined } };
    await expect(put({ songId: "a" })).rejects.toMatchObject({ kind: "account-closed" });
  });
});

describe("patching a subscription", () => {
  it("changes what is named only", async () => {
    await put({ songId: "a", rating: 4, tags: ["x"], pinned: true });
    const { subscription } = await patch({ songId: "a", tags: [] });
    expect(subscription).toMatchObject({ rating: 4, tags: [], pinned: true, revision: 2 });
  });

  it("takes the rating away", async () => {
    await put({ songId: "a", rating: 4 });
    expect((await patch({ songId: "a", rating: null })).subscription).not.toHaveProperty("rating");
  });

  it("refuses a song that is not subscribed to, or no longer", async () => {
    await expect(patch({ songId: "a", pinned: true })).rejects.toMatchObject({ kind: "not-found" });
    await put({ songId: "a" });
    await remove({ songId: "a" });
    await expect(patch({ songId: "a", pinned: true })).rejects.toMatchObject({ kind: "not-found" });
  });
});

describe("deleting a subscription", () => {
  it("leaves a tombstone with a revision of its own", async () => {
    await put({ songId: "a" });
    expect(await remove({ songId: "a" })).toMatchObject({ revision: 2, subscription: null });
    expect(await deps.subscriptions.songs(actor.userId, ["a"])).toEqual([
      { op: "delete", songId: "a", revision: 2 },
    ]);
    expect(await head()).toMatchObject({ count: 0 });
  });

  it("changes nothing where there is nothing", async () => {
    expect(await remove({ songId: "a" })).toMatchObject({ revision: 0, subscription: null });
  });

  it("works for a song that has left the library", async () => {
    await put({ songId: "a" });
    deps.unknownSongs.add("a");
    expect((await remove({ songId: "a" })).revision).toBe(2);
  });

  it("lets the song be subscribed to again", async () => {
    await put({ songId: "a" });
    await remove({ songId: "a" });
    expect(await put({ songId: "a" })).toMatchObject({ revision: 3, subscription: { revision: 3 } });
  });
});

describe("If-Match", () => {
  it("passes at the subscription's revision", async () => {
    await put({ songId: "a" });
    await put({ songId: "b" });
    expect((await put({ songId: "a", rating: 2, ifMatch: 1 })).revision).toBe(3);
  });

  it.each([
    ["put", (ifMatch: number) => put({ songId: "a", rating: 2, ifMatch })],
    ["patch", (ifMatch: number) => patch({ songId: "a", rating: 2, ifMatch })],
  ])("refuses a %s at another revision, or of nothing", async (_, change) => {
    await expect(change(0)).rejects.toMatchObject({ kind: "precondition-failed" });
    await put({ songId: "a" });
    await expect(change(2)).rejects.toMatchObject({ kind: "precondition-failed" });
    expect(await head()).toMatchObject({ headRevision: 1 });
  });

  it("refuses a removal at another revision", async () => {
    await put({ songId: "a" });
    await expect(remove({ songId: "a", ifMatch: 2 })).rejects.toMatchObject({ kind: "precondition-failed" });
    expect(await head()).toMatchObject({ headRevision: 1, count: 1 });
  });

  it("lets pass at another revision what is there already, and makes no revision of it", async () => {
    await put({ songId: "a", rating: 2 });
    const there = { revision: 1, subscription: { rating: 2, revision: 1 } };
    expect(await put({ songId: "a", rating: 2, ifMatch: 77 })).toMatchObject(there);
    expect(await patch({ songId: "a", rating: 2, ifMatch: 77 })).toMatchObject(there);
    await remove({ songId: "a" });
    expect(await remove({ songId: "a", ifMatch: 1 })).toMatchObject({ revision: 2, subscription: null });
  });
});

describe("If-None-Match", () => {
  it("subscribes only where there is no subscription, also after a removal", async () => {
    expect(await put({ songId: "a", rating: 1, ifNoneMatch: "*" })).toMatchObject({ revision: 1 });
    const second = put({ songId: "a", rating: 2, ifNoneMatch: "*" });
    await expect(second).rejects.toMatchObject({ kind: "precondition-failed" });
    await remove({ songId: "a" });
    expect(await put({ songId: "a", rating: 2, ifNoneMatch: "*" })).toMatchObject({ revision: 3 });
  });

  it("lets pass what is there already", async () => {
    await put({ songId: "a", rating: 1 });
    expect(await put({ songId: "a", rating: 1, ifNoneMatch: "*" })).toMatchObject({ revision: 1 });
  });

  it("refuses to patch or remove what is there, and a patch of nothing finds nothing", async () => {
    const nothing = patch({ songId: "a", rating: 1, ifNoneMatch: "*" });
    await expect(nothing).rejects.toMatchObject({ kind: "not-found" });
    await put({ songId: "a" });
    for (const change of [patch, remove])
      await expect(
        change({ songId: "a", ifNoneMatch: "*", ...(change === patch && { rating: 1 }) }),
      ).rejects.toMatchObject({ kind: "precondition-failed" });
    expect(await head()).toMatchObject({ headRevision: 1 });
  });
});

describe("a named change", () => {
  it("is made once, even after later changes and with a condition that no longer holds", async () => {
    const first = { songId: "a", rating: 1, changeId: "change-1" };
    await put(first);
    await put({ songId: "a", rating: 2 });
    const again = await put({ ...first, ifMatch: 77 });
    expect(again).toMatchObject({ revision: 2, subscription: { rating: 2 } });
  });

  it("is remembered among the latest 32", async () => {
    for (let n = 0; n < 33; n++) await put({ songId: "a", pinned: n % 2 === 0, changeId: `change-${n}` });
    expect((await head())?.changeIds).toHaveLength(32);
    expect((await put({ songId: "a", rating: 1, changeId: "change-1" })).revision).toBe(33);
    expect((await put({ songId: "a", rating: 1, changeId: "change-0" })).revision).toBe(34);
  });

  it("is recognised when its answer was lost and it is sent again", async () => {
    crash.arm("answer-lost");
    const change = { songId: "a", rating: 5, changeId: "change-1" };
    await expect(put(change)).rejects.toThrow("answer was lost");
    expect(await put(change)).toMatchObject({ revision: 1, subscription: { rating: 5, revision: 1 } });
  });

  it("is recognised when the SDK itself sent a committed write again, though the client gave no name", async () => {
    const { commit } = deps.subscriptions;
    const sentTwice = {
      ...deps.subscriptions,
      commit: async (next: Parameters<typeof commit>[0]) => {
        await commit(next);
        return commit(next);
      },
    };
    deps = { ...deps, subscriptions: sentTwice };
    expect(await put({ songId: "a" })).toMatchObject({ revision: 1, subscription: { revision: 1 } });
    expect(await head()).toMatchObject({ headRevision: 1, count: 1 });
  });
});

describe("a crash between the two writes", () => {
  it("is overlaid by readers and mended by the next writer", async () => {
    crash.arm("before-row");
    await put({ songId: "a", rating: 5 });
    expect(await deps.subscriptions.songs(actor.userId, ["a"])).toEqual([]);
    expect((await wholeList(deps, actor)).items).toMatchObject([{ songId: "a", rating: 5 }]);
    await put({ songId: "b" });
    expect(await deps.subscriptions.songs(actor.userId, ["a"])).toMatchObject([{ revision: 1 }]);
  });

  it("is seen by the next writer of the same song", async () => {
    crash.arm("before-row");
    await put({ songId: "a", rating: 5 });
    expect(await patch({ songId: "a", pinned: true, ifMatch: 1 })).toMatchObject({
      subscription: { rating: 5, pinned: true, revision: 2 },
    });
  });
});

describe("many writers at once", () => {
  it("get a revision each", async () => {
    const results = await Promise.all(Array.from({ length: 8 }, (_, n) => put({ songId: `s${n}` })));
    expect(results.map(({ revision }) => revision).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(new Set(results.map(({ epoch }) => epoch)).size).toBe(1);
  });

  it("give up after bounded tries when they never win", async () => {
    let tries = 0;
    const waits: number[] = [];
    deps = {
      ...deps,
      backoff: async (attempt) => void waits.push(attempt),
      subscriptions: { ...deps.subscriptions, commit: async () => ++tries < 0 },
    };
    await expect(put({ songId: "a" })).rejects.toMatchObject({
      kind: "unavailable",
      extras: { retryAfterSeconds: 1 },
    });
    expect(tries).toBe(12);
    expect(waits).toEqual(Array.from({ length: 12 }, (_, n) => n + 1));
  });
});

describe("a closed account", () => {
  it("takes no change and has no rows", async () => {
    await put({ songId: "a", tags: ["private"] });
    await closeAccount(deps, actor.userId);
    for (const change of [put, patch, remove])
      await expect(change({ songId: "a", rating: 1 })).rejects.toMatchObject({ kind: "account-closed" });
    await expect(wholeList(deps, actor)).rejects.toMatchObject({ kind: "account-closed" });
    expect(await deps.subscriptions.songs(actor.userId, ["a"])).toEqual([]);
    expect(JSON.stringify(await head())).not.toContain("private");
  });

  it("stops the writer who read the head before", async () => {
    await put({ songId: "a" });
    const { commit } = deps.subscriptions;
    const closedMeanwhile = async (next: Parameters<typeof commit>[0]) => {
      await closeAccount(deps, actor.userId);
      return commit(next);
    };
    const late = { ...deps, subscriptions: { ...deps.subscriptions, commit: closedMeanwhile } };
    const change = putSubscription(late, actor, { songId: "b" });
    await expect(change).rejects.toMatchObject({ kind: "account-closed" });
  });

  it("is closed even before its first change", async () => {
    await closeAccount(deps, actor.userId);
    await closeAccount(deps, actor.userId);
    await expect(put({ songId: "a" })).rejects.toMatchObject({ kind: "account-closed" });
  });
});
