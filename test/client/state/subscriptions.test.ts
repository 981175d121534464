import { afterEach, describe, expect, it } from "vitest";
import { ApiFailure, offline } from "../../../client/failure.ts";
import type { Pending } from "../../../client/state/changes.ts";
import { createStore } from "../../../client/state/store.ts";
import { createSubscriptionStore, type SubscriptionStore } from "../../../client/state/subscriptions.ts";
import type { SubscriptionResult } from "../../../core/contract/subscriptions.ts";
import { applyChanges, applySnapshot, emptyReplica } from "../../../core/domain/subscriptions/replica.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { put, subscription } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

type Sent = {
  op: string;
  songId: string;
  changeId: string;
  answer: PromiseWithResolvers<SubscriptionResult>;
};

let store: SubscriptionStore;
afterEach(() => store.stop());

/** A server that answers when the test says so. */
function open() {
  const clock = createFakeClock();
  const snapshot = { epoch: "e1", revision: 1, items: [{ ...subscription("old", 1), rating: 3 }] };
  const replica = createStore(applySnapshot(emptyReplica, snapshot).replica);
  const sent: Sent[] = [];
  const refusals: { change: Pending; error: unknown }[] = [];
  const take = (op: string, songId: string, changeId: string) => {
    const answer = Promise.withResolvers<SubscriptionResult>();
    sent.push({ op, songId, changeId, answer });
    return answer.promise;
  };
  let lastId = 0;
  store = createSubscriptionStore({
    api: {
      putSubscription: (songId, _body, key) => take("put", songId, key),
      patchSubscription: (songId, _body, key) => take("patch", songId, key),
      deleteSubscription: (songId, key) => take("delete", songId, key),
    },
    replica,
    clock,
    random: () => 0.5,
    newId: () => `change-${++lastId}`,
    refused: (change, error) => refusals.push({ change, error }),
  });
  const ids = () => [...(store.all.get()?.keys() ?? [])];
  return { clock, replica, sent, refusals, ids };
}

const ack = (sent: Sent | undefined, revision: number, present = true) =>
  sent?.answer.resolve({
    epoch: "e1",
    revision,
    subscription: present ? subscription(sent.songId, revision) : null,
  });

describe("own changes", () => {
  it("show at once, and stay while the answer comes before the push", async () => {
    const { ids, sent, replica } = open();
    store.change({ op: "put", songId: "new", input: {} });
    expect(ids()).toEqual(["old", "new"]);
    ack(sent[0], 2);
    await until(store.all, (all) => all?.get("new")?.revision === 2);
    replica.update((now) => applyChanges(now, { from: 1, to: 2, changes: [put("new", 2)] }).replica);
    expect(ids()).toEqual(["old", "new"]);
  });

  it("stay while the push comes before the answer", async () => {
    const { ids, sent, replica } = open();
    store.change({ op: "delete", songId: "old" });
    expect(ids()).toEqual([]);
    const gone = { op: "delete", songId: "old", revision: 2 } as const;
    replica.update((now) => applyChanges(now, { from: 1, to: 2, changes: [gone] }).replica);
    ack(sent[0], 2, false);
    await Promise.resolve();
    expect(ids()).toEqual([]);
  });

  it("are taken back with the reason when they are refused", async () => {
    const { ids, sent, refusals } = open();
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(new ApiFailure("subscription-limit", "Free holds 25."));
    await until(store.all, (all) => !all?.has("new"));
    expect(ids()).toEqual(["old"]);
    expect(refusals).toMatchObject([{ change: { songId: "new" }, error: { kind: "subscription-limit" } }]);
  });

  it("are sent one after the other", async () => {
    const { sent } = open();
    store.change({ op: "patch", songId: "old", input: { rating: 5 } });
    store.change({ op: "patch", songId: "old", input: { rating: null } });
    expect(store.all.get()?.get("old")).not.toHaveProperty("rating");
    expect(sent.length).toBe(1);
    ack(sent[0], 2);
    await expect.poll(() => sent.length).toBe(2);
  });

  it("wait while there is no connection, and are sent again under the same name", async () => {
    const { sent, clock, ids } = open();
    store.change({ op: "put", songId: "new", input: {} });
    sent[0]?.answer.reject(offline());
    await expect.poll(() => clock.pending()).toBe(1);
    expect(ids()).toContain("new");
    store.wake();
    await expect.poll(() => sent.length).toBe(2);
    expect(sent[1]?.changeId).toBe(sent[0]?.changeId);
    ack(sent[1], 2);
    await until(store.all, (all) => all?.get("new")?.revision === 2);
  });

  /** Lets so many tries fail, each when its time has come. */
  async function fail(
    { sent, clock }: ReturnType<typeof open>,
    times: number,
    kind: "internal" | "unavailable",
  ) {
    for (let turn = 0; turn < times; turn += 1) {
      await expect.poll(() => sent.length).toBe(turn + 1);
      sent[turn]?.answer.reject(new ApiFailure(kind, "Not now."));
      await expect.poll(() => clock.pending()).toBe(1);
      clock.advance(60_000);
    }
  }

  it("wait for the server for as long as its trouble passes", async () => {
    const world = open();
    store.change({ op: "put", songId: "new", input: {} });
    await fail(world, 20, "unavailable");
    await expect.poll(() => world.sent.length).toBe(21);
    expect(world.refusals).toEqual([]);
  });

  it("are given up when the server fails at them again and again", async () => {
    const world = open();
    store.change({ op: "put", songId: "bad", input: {} });
    store.change({ op: "put", songId: "good", input: {} });
    await fail(world, 9, "internal");
    await expect.poll(() => world.sent.length).toBe(10);
    world.sent[9]?.answer.reject(new ApiFailure("internal", "Not now."));
    await expect.poll(() => world.refusals.length).toBe(1);
    await expect.poll(() => world.sent[10]?.songId).toBe("good");
  });
});
