import type { Pending } from "../../../client/state/changes.ts";
import {
  createOptimisticSubscriptions,
  type SubscriptionEdit,
} from "../../../client/state/optimistic-subscriptions.ts";
import { createSender, type SendOutcome } from "../../../client/state/sender.ts";
import { createStore } from "../../../client/state/store.ts";
import type { Head } from "../../../core/domain/subscriptions/head.ts";
import { applyResult, applySnapshot, emptyReplica } from "../../../core/domain/subscriptions/replica.ts";
import type { TestAws } from "../../support/engines.ts";
import { databaseOf, newActor, subscriptionDeps, wholeList } from "../../support/subscriptions.ts";
import { createFakeClock } from "./fake-clock.ts";
import { createLossyServer, type Fate, type SubscriptionApi } from "./lossy-server.ts";
import { createTestStorage } from "./storage.ts";

const songs = ["a", "b", "c"];
/** The server knows the latest 32 names of a user's changes. */
const forgets = 33;

/** One committed change of the server, in the order of revisions. */
type Commit = { readonly changeId: string; readonly songId: string; readonly op: string };

/** A listener with one browser behind a bad network, and a phone with a good one. */
export function createLossyWorld(aws: TestAws, random: () => number) {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const commits: Commit[] = [];
  const deps = subscriptionDeps(databaseOf(aws), (store) => ({
    ...store,
    commit: async (next: Head) => {
      const done = await store.commit(next);
      const { songId, op } = next.last as Commit & NonNullable<Head["last"]>;
      if (done) commits.push({ songId, op, changeId: next.changeIds.at(-1) ?? "" });
      return done;
    },
  }));
  const actor = newActor();
  const good = createLossyServer(deps, actor, () => "answered");
  let network: readonly Fate[] = ["answered"];
  const bad = createLossyServer(deps, actor, () => pick(network));
  const clock = createFakeClock();
  const storage = createTestStorage();
  const made = new Map<string, Pending>();
  const outcomes: SendOutcome[] = [];
  let page = openPage(bad.api);

  function openPage(api: SubscriptionApi) {
    const queue = storage.openTab();
    const replica = createStore(emptyReplica);
    const newId = () => random().toString(36).slice(2).padEnd(8, "0");
    const store = createOptimisticSubscriptions({ queue, replica, serverNow: clock.now, newId });
    const sender = createSender({
      api,
      queue,
      replica,
      clock,
      random,
      maySend: () => true,
      settled(outcome) {
        outcomes.push(outcome);
        if (outcome.kind === "done")
          replica.update((now) => applyResult(now, outcome.change.songId, outcome.result).replica);
      },
    });
    const close = () => {
      store.stop();
      sender.stop();
      queue.close();
    };
    return { queue, replica, store, sender, close };
  }

  const quiet = async () => {
    do await new Promise(setImmediate);
    while (!bad.isIdle());
    await new Promise(setImmediate);
  };

  const someChange = (): SubscriptionEdit => {
    const songId = pick(songs);
    const input = { rating: pick([1, 2, 3, 4, 5]) };
    return pick<SubscriptionEdit>([
      { op: "put", songId, input },
      { op: "put", songId, input },
      { op: "patch", songId, input },
      { op: "delete", songId },
    ]);
  };

  const acts = {
    async change() {
      page.store.change(someChange());
      for (const change of page.queue.pending.get())
        if (!made.has(change.changeId)) made.set(change.changeId, change);
    },
    async phone() {
      const change = someChange();
      const { songId } = change;
      if (change.op === "put") await good.api.putSubscription(songId, change.input, {});
      else await good.api.deleteSubscription(songId, {});
    },
    async phoneForLong() {
      for (let turn = 0; turn < forgets; turn += 1)
        await good.api.putSubscription("other", { rating: 1 + (turn % 5) }, {});
    },
    async reload() {
      page.close();
      await quiet();
      page = openPage(bad.api);
      await acts.push();
    },
    /** The browser hears of all that is committed. */
    async push() {
      const snapshot = await wholeList(deps, actor);
      page.replica.update((now) => applySnapshot(now, snapshot).replica);
    },
    async wait() {
      clock.advance(40_000);
    },
    async goBad() {
      network = ["answered", "request lost", "answer lost", "answer lost"];
    },
    async goGood() {
      network = ["answered"];
    },
  };
  return {
    acts,
    pick,
    quiet,
    commits,
    made,
    outcomes,
    phone: good.api,
    page: () => page,
    list: () => wholeList(deps, actor),
    setNetwork: (fates: readonly Fate[]) => {
      network = fates;
    },
  };
}

export type LossyWorld = ReturnType<typeof createLossyWorld>;
