import { afterEach, describe, expect, it } from "vitest";
import type { ChangeHeaders } from "../../../client/api.ts";
import { ApiFailure, offline } from "../../../client/failure.ts";
import type { ChangeQueue } from "../../../client/state/change-queue.ts";
import {
  createOptimisticSubscriptions,
  type SubscriptionEdit,
} from "../../../client/state/optimistic-subscriptions.ts";
import { createSender, type SendOutcome } from "../../../client/state/sender.ts";
import { createStore } from "../../../client/state/store.ts";
import { toProblem } from "../../../core/contract/problem.ts";
import type { Subscription, SubscriptionResult } from "../../../core/contract/subscriptions.ts";
import {
  applyChanges,
  applyResult,
  applySnapshot,
  emptyReplica,
} from "../../../core/domain/subscriptions/replica.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createTestStorage } from "../support/storage.ts";
import { put, subscription } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

type Sent = {
  op: string;
  songId: string;
  conditions: ChangeHeaders;
  answer: PromiseWithResolvers<SubscriptionResult>;
};

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

/** A page on a server that answers when the test says so. */
function open(
  queue: ChangeQueue = createTestStorage().openTab(),
  maySend = () => true,
  epochOfServer = () => "e1",
) {
  const clock = createFakeClock();
  const snapshot = { epoch: "e1", revision: 1, items: [{ ...subscription("old", 1), rating: 3 }] };
  const replica = createStore(applySnapshot(emptyReplica, snapshot).replica);
  const sent: Sent[] = [];
  const outcomes: SendOutcome[] = [];
  const take = (op: string, songId: string, conditions: ChangeHeaders) => {
    const answer = Promise.withResolvers<SubscriptionResult>();
    sent.push({ op, songId, conditions, answer });
    return answer.promise;
  };
  let lastId = 0;
  let delays = 0;
  const store = createOptimisticSubscriptions({
    queue,
    replica,
    serverNow: clock.now,
    newId: () => `${++lastId}`,
  });
  const sender = createSender({
    api: {
      putSubscription: (songId, _body, conditions) => take("put", songId, conditions),
      patchSubscription: (songId, _body, conditions) => take("patch", songId, conditions),
      deleteSubscription: (songId, conditions) => take("delete", songId, conditions),
      subscriptions: async () => ({
        epoch: epochOfServer(),
        revision: replica.get().revision ?? 0,
        changes: [],
      }),
    },
    queue,
    replica,
    clock,
    maySend,
    random: () => 0.5,
    delayed: () => {
      delays += 1;
    },
    settled(outcome) {
      outcomes.push(outcome);
      if (outcome.kind === "done")
        replica.update((now) => applyResult(now, outcome.change.songId, outcome.result).replica);
    },
  });
  stops.push(store.stop, sender.stop, queue.close);
  const ids = () => [...(store.all.get()?.keys() ?? [])];
  const refused = () => outcomes.filter(({ kind }) => kind === "refused");
  return { store, sender, queue, clock, replica, sent, outcomes, refused, ids, delays: () => delays };
}

const ack = (sent: Sent | undefined, revision: number, present = true) =>
  sent?.answer.resolve({
    epoch: "e1",
    revision,
    subscription: present ? subscription(sent.songId, revision) : null,
  });
const conflict = () => new ApiFailure("precondition-failed", "It is at revision 7");

describe("own changes", () => {
  it.each([
    ["the server's time", Date.parse("2026-03-02T12:00:00.000Z"), "2026-03-02T12:00:00.000Z"],
    ["just after the newest, before that is known", undefined, "2026-03-01T12:00:00.001Z"],
  ])("are dated by %s", (_, serverNow, at) => {
    const snapshot = { epoch: "e1", revision: 1, items: [subscription("old", 1)] };
    const store = createOptimisticSubscriptions({
      queue: createTestStorage().openTab(),
      replica: createStore(applySnapshot(emptyReplica, snapshot).replica),
      serverNow: () => serverNow,
      newId: () => "1",
    });
    stops.push(store.stop);
    store.change({ op: "put", songId: "new", input: {} });
    expect(store.all.get()?.get("new")?.subscribedAt).toBe(at);
  });

  it("wait while Encore takes none, as long as it asks for, and that is said once", async () => {
    const { store, sent, clock, queue, delays, outcomes } = open();
    store.change({ op: "put", songId: "new", input: {} });
    for (let turn = 0; turn < 4; turn += 1) {
      await expect.poll(() => sent.length).toBe(turn + 1);
      const problem = toProblem("unavailable", { retryAfterSeconds: 5 });
      sent[turn]?.answer.reject(new ApiFailure("unavailable", "Not now.", problem));
      await expect.poll(() => clock.pending()).toBe(1);
      clock.advance(4_999);
      expect(clock.pending()).toBe(1);
      clock.advance(30_000);
    }
    await expect.poll(() => sent.length).toBe(5);
    expect([delays(), queue.pending.get().length]).toEqual([1, 1]);
    ack(sent[4], 2);
    await expect.poll(() => queue.pending.get()).toEqual([]);
    expect(outcomes).toMatchObject([{ kind: "done" }]);
  });

  it("show at once, and stay while the answer comes before the push", async () => {
    const { store, ids, sent, replica } = open();
    store.change({ op: "put", songId: "new", input: {} });
    expect(ids()).toEqual(["old", "new"]);
    ack(sent[0], 2);
    await until(store.all, (all) => all?.get("new")?.revision === 2);
    replica.update((now) => applyChanges(now, { from: 1, to: 2, changes: [put("new", 2)] }).replica);
    expect(ids()).toEqual(["old", "new"]);
  });

  it("stay while the push comes before the answer", async () => {
    const { store, ids, sent, replica } = open();
    store.change({ op: "delete", songId: "old" });
    expect(ids()).toEqual([]);
    const gone = { op: "delete", songId: "old", revision: 2 } as const;
    replica.update((now) => applyChanges(now, { from: 1, to: 2, changes: [gone] }).replica);
    ack(sent[0], 2, false);
    await Promise.resolve();
    expect(ids()).toEqual([]);
  });

  it("are taken back with the reason when they are refused", async () => {
    const { store, ids, sent, outcomes } = open();
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(new ApiFailure("subscription-limit", "Free holds 25."));
    await until(store.all, (all) => !all?.has("new"));
    expect(ids()).toEqual(["old"]);
    expect(outcomes).toMatchObject([
      { kind: "refused", change: { songId: "new" }, error: { kind: "subscription-limit" } },
    ]);
  });

  it("wait while there is no connection, and are sent again under the same name", async () => {
    const { store, sender, sent, clock, ids } = open();
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(offline());
    await expect.poll(() => clock.pending()).toBe(1);
    expect(ids()).toContain("new");
    sender.wake();
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.conditions).toEqual(sent[0]?.conditions);
    ack(sent[1], 2);
    await until(store.all, (all) => all?.get("new")?.revision === 2);
  });

  it("wait as long as nobody can answer", async () => {
    const { store, sent, clock, refused } = open();
    store.change({ op: "put", songId: "new", input: {} });
    for (let turn = 0; turn < 9; turn += 1) {
      await expect.poll(() => sent.length).toBe(turn + 1);
      sent[turn]?.answer.reject(new ApiFailure("unavailable", "Not now."));
      await expect.poll(() => clock.pending()).toBe(1);
      clock.advance(60_000);
    }
    await expect.poll(() => sent.length).toBe(10);
    ack(sent[9], 2);
    await until(store.all, (all) => all?.get("new")?.revision === 2);
    expect(refused()).toEqual([]);
  });

  it("that cause trouble are tried a few times", async () => {
    const { store, sent, clock, refused } = open();
    store.change({ op: "put", songId: "new", input: {} });
    for (let turn = 0; turn < 10; turn += 1) {
      await expect.poll(() => sent.length).toBe(turn + 1);
      sent[turn]?.answer.reject(new ApiFailure("internal", "Something went wrong."));
      if (turn < 9) await expect.poll(() => clock.pending()).toBe(1);
      clock.advance(60_000);
    }
    await expect.poll(() => refused().length).toBe(1);
  });

  it("are kept when the session turns out to be over", async () => {
    const { store, sent, clock, queue, refused } = open();
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(new ApiFailure("session-ended", "It has ended"));
    await expect.poll(() => clock.pending()).toBe(1);
    expect(queue.pending.get()).toHaveLength(1);
    expect(refused()).toEqual([]);
  });
});

describe("a change builds on what the user saw", () => {
  it("the revision, or nothing", async () => {
    const { store, sent } = open();
    store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    store.change({ op: "put", songId: "new", input: {} });
    ack(sent[0], 2);
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[0]?.conditions).toMatchObject({ ifMatch: 1 });
    expect(sent[1]?.conditions).toMatchObject({ ifNoneMatch: "*" });
    expect(sent[1]?.conditions).not.toHaveProperty("ifMatch");
  });

  it("an earlier change of the same song, once that is answered", async () => {
    const { store, sent } = open();
    store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    store.change({ op: "delete", songId: "old" });
    store.change({ op: "put", songId: "old", input: {} });
    expect(sent.length).toBe(1);
    ack(sent[0], 2);
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.conditions).toMatchObject({ ifMatch: 2 });
    ack(sent[1], 3, false);
    await expect.poll(() => sent.length).toBe(3);
    expect(sent[2]?.conditions).toMatchObject({ ifNoneMatch: "*" });
  });

  it("and a refusal takes those that follow along, told once and in words", async () => {
    const { store, sent, refused, ids, queue } = open();
    store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    store.change({ op: "delete", songId: "old" });
    store.change({ op: "put", songId: "old", input: { rating: 1 } });
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(conflict());
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.songId).toBe("new");
    expect(refused()).toMatchObject([
      {
        change: { op: "patch" },
        error: { kind: "precondition-failed", message: /another device meanwhile/ },
      },
    ]);
    expect(store.all.get()?.get("old")?.rating).toBe(3);
    expect(ids()).toEqual(["old", "new"]);
    expect(queue.pending.get()).toHaveLength(1);
  });
});

describe("own changes, when the server's store went back", () => {
  /** What was not sent before is there when the page is opened again, and the list is of another epoch. */
  function reopened(make: (page: ReturnType<typeof open>) => void, items: Subscription[], revision = 1) {
    const queue = createTestStorage().openTab();
    make(open(queue, () => false));
    let isRestored = false;
    const page = open(queue, () => isRestored);
    page.replica.update((now) => applySnapshot(now, { epoch: "e2", revision, items }).replica);
    isRestored = true;
    page.sender.wake();
    return page;
  }
  /** The song went on to revision 7 before the user changed it. */
  const seen = (page: ReturnType<typeof open>, change: SubscriptionEdit) => {
    page.replica.update((now) => applyChanges(now, { from: 1, to: 7, changes: [put("old", 7)] }).replica);
    page.store.change(change);
  };

  it("are sent on what the list has now", async () => {
    const { sent, outcomes } = reopened(
      (page) => seen(page, { op: "patch", songId: "old", input: { rating: 5 } }),
      [subscription("old", 1)],
    );
    await expect.poll(() => sent.length).toBe(1);
    expect(sent[0]?.conditions).toMatchObject({ ifMatch: 1 });
    expect(outcomes).toEqual([]);
  });

  it("create anew what the server lost", async () => {
    const { sent } = reopened((page) => seen(page, { op: "put", songId: "old", input: {} }), []);
    await expect.poll(() => sent.length).toBe(1);
    expect(sent[0]?.conditions).toMatchObject({ ifNoneMatch: "*" });
  });

  it("do not go over what another device made of the song since", async () => {
    const { sent } = reopened(
      (page) => page.store.change({ op: "delete", songId: "old" }),
      [subscription("old", 9)],
      9,
    );
    await expect.poll(() => sent.length).toBe(1);
    expect(sent[0]?.conditions).toMatchObject({ ifMatch: 1 });
  });

  it("are sent again when they were refused before the device was told", async () => {
    let epoch = "e1";
    const page = open(
      createTestStorage().openTab(),
      () => true,
      () => epoch,
    );
    seen(page, { op: "patch", songId: "old", input: { rating: 5 } });
    expect(page.sent[0]?.conditions).toMatchObject({ ifMatch: 7 });
    epoch = "e2";
    page.sent[0]?.answer.reject(conflict());
    await expect.poll(() => page.clock.pending()).toBe(1);
    const restored = { epoch, revision: 1, items: [subscription("old", 1)] };
    page.replica.update((now) => applySnapshot(now, restored).replica);
    page.clock.advance(60_000);
    await expect.poll(() => page.sent.length).toBe(2);
    expect(page.sent[1]?.conditions).toMatchObject({ ifMatch: 1 });
    expect(page.outcomes).toEqual([]);
  });
});

describe("changes of an earlier visit", () => {
  it("show and are sent when the page is open again, each under its name and on its base", async () => {
    const browser = createTestStorage();
    const before = open(browser.openTab());
    before.store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    before.store.change({ op: "patch", songId: "old", input: { pinned: true } });
    before.sent[0]?.answer.reject(offline());
    await expect.poll(() => before.clock.pending()).toBe(1);
    before.sender.stop();

    const after = open(browser.openTab());
    expect(after.store.all.get()?.get("old")).toMatchObject({ rating: 5, pinned: true });
    await expect.poll(() => after.sent.length).toBe(1);
    expect(after.sent[0]?.conditions).toEqual(before.sent[0]?.conditions);
    after.sent[0]?.answer.resolve({
      epoch: "e1",
      revision: 2,
      subscription: { ...subscription("old", 2), rating: 5 },
    });
    await expect.poll(() => after.sent.length).toBe(2);
    expect(after.sent[1]?.conditions).toMatchObject({ ifMatch: 2 });
  });

  it("wait for the list, without which their history is unknown", async () => {
    const browser = createTestStorage();
    open(browser.openTab(), () => false).store.change({ op: "delete", songId: "old" });
    const replica = createStore(emptyReplica);
    const sent: string[] = [];
    const never = Promise.withResolvers<never>().promise;
    const queue = browser.openTab();
    const sender = createSender({
      api: {
        putSubscription: () => never,
        patchSubscription: () => never,
        deleteSubscription: (songId) => {
          sent.push(songId);
          return never;
        },
        subscriptions: () => never,
      },
      queue,
      replica,
      clock: createFakeClock(),
      random: () => 0,
      maySend: () => true,
      settled: () => {},
    });
    stops.push(sender.stop, queue.close);
    expect(sent).toEqual([]);
    replica.set(applySnapshot(emptyReplica, { epoch: "e1", revision: 1, items: [] }).replica);
    await expect.poll(() => sent).toEqual(["old"]);
  });

  it("do not build on what another device made of the song since the lost answer", async () => {
    const browser = createTestStorage();
    const before = open(browser.openTab());
    before.store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    before.store.change({ op: "put", songId: "old", input: { rating: 4 } });
    before.sender.stop();

    const after = open(browser.openTab());
    await expect.poll(() => after.sent.length).toBe(1);
    const later = { ...subscription("old", 9), rating: 1 };
    after.sent[0]?.answer.resolve({ epoch: "e1", revision: 9, subscription: later });
    await expect.poll(() => after.queue.pending.get().length).toBe(0);
    expect(after.sent.length).toBe(1);
    expect(after.outcomes).toMatchObject([
      { kind: "done" },
      { kind: "refused", change: { op: "put" }, error: { kind: "precondition-failed" } },
    ]);
  });
});
