import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pending } from "../../../client/state/changes.ts";
import { createSender, type Outcome } from "../../../client/state/sender.ts";
import { createStore } from "../../../client/state/store.ts";
import { type Change, createSubscriptionStore } from "../../../client/state/subscriptions.ts";
import type { Head } from "../../../core/domain/subscriptions/head.ts";
import { applyResult, applySnapshot, emptyReplica } from "../../../core/domain/subscriptions/replica.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { createRandom, runSeed } from "../../support/random.ts";
import { databaseOf, newActor, subscriptionDeps, wholeList } from "../../support/subscriptions.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { createLossyServer, type Fate, type SubscriptionApi } from "../support/lossy-server.ts";
import { createTestStorage } from "../support/storage.ts";

const seed = runSeed();
const schedules = 6;
const steps = 40;
const songs = ["a", "b", "c"];
/** The server knows the latest 32 names of a user's changes. */
const forgets = 33;

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

/** One committed change of the server, in the order of revisions. */
type Commit = { readonly changeId: string; readonly songId: string; readonly op: string };

/** A listener with one browser behind a bad network, and a phone with a good one. */
function createWorld(random: () => number) {
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
  const outcomes: Outcome[] = [];
  let page = openPage(bad.api);

  function openPage(api: SubscriptionApi) {
    const queue = storage.openTab();
    const replica = createStore(emptyReplica);
    const newId = () => random().toString(36).slice(2).padEnd(8, "0");
    const store = createSubscriptionStore({ queue, replica, clock, newId });
    const sender = createSender({
      ...{ api, queue, replica, clock, random, maySend: () => true },
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

  const someChange = (): Change => {
    const songId = pick(songs);
    const input = { rating: pick([1, 2, 3, 4, 5]) };
    return pick<Change>([
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
  return { acts, pick, quiet, commits, made, outcomes, page: () => page, list: () => wholeList(deps, actor) };
}

type World = ReturnType<typeof createWorld>;

async function run({ acts, pick, quiet, page }: World): Promise<void> {
  await acts.push();
  const names = Object.keys(acts) as (keyof typeof acts)[];
  const often = [...names, "change", "change", "change", "phone", "wait", "push"] as const;
  for (let step = 0; step < steps; step += 1) {
    await acts[pick(often)]();
    await quiet();
  }
  await acts.goGood();
  await acts.push();
  while (page().queue.pending.get().length > 0) {
    await acts.wait();
    await quiet();
  }
  await acts.push();
}

describe("Own changes on a network that loses requests and answers, with reloads and a second device", () => {
  it.each(Array.from({ length: schedules }, (_, index) => seed + index))(
    "are made at most once, never over a change that was not seen, and each comes to an end (SEED=%i)",
    async (own) => {
      const world = createWorld(createRandom(own));
      await run(world);
      const { commits, made, outcomes } = world;
      const names = commits.map(({ changeId }) => changeId).filter((changeId) => made.has(changeId));
      expect(new Set(names).size).toBe(names.length);
      commits.forEach((commit, index) => {
        const change = made.get(commit.changeId);
        if (change) expect(isSeen(world, index, change), JSON.stringify(change)).toBe(true);
      });
      const ended = new Set(outcomes.map(({ change }) => change.changeId));
      for (const { changeId, base } of made.values())
        if (typeof base !== "object" || base === null) expect(ended).toContain(changeId);
      expect([...(world.page().store.all.get()?.values() ?? [])]).toEqual((await world.list()).items);
    },
    30_000,
  );
});

/** Whether a change was committed on what the user saw when they made it. Revisions count from 1. */
function isSeen({ commits, outcomes }: World, index: number, { base, songId }: Pending): boolean {
  const before = commits.slice(0, index).findLastIndex((commit) => commit.songId === songId);
  const there = commits[before];
  const isOn = (revision: number | undefined) =>
    revision === undefined ? !there || there.op === "delete" : before + 1 === revision;
  if (typeof base !== "object" || base === null) return isOn(base ?? undefined);
  if (there?.changeId === base.after) return true;
  // The change before it found its effect there already, which is what the user saw.
  const earlier = outcomes.findLast(({ change }) => change.changeId === base.after);
  const isCommitted = commits.some(({ changeId }) => changeId === base.after);
  return !isCommitted && earlier?.kind === "done" && isOn(earlier.result.subscription?.revision);
}
