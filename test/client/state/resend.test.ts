import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Pending } from "../../../client/state/changes.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { createRandom, runSeed } from "../../support/random.ts";
import { createLossyWorld, type LossyWorld as World } from "../support/lossy-world.ts";

const seed = runSeed();
const schedules = 6;
const steps = 40;

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

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
      const world = createLossyWorld(aws, createRandom(own));
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

describe("A subscription whose answer was lost", () => {
  /** It is committed, another device does something, and the page is opened again long after. */
  async function resend(act: (world: World) => Promise<unknown>): Promise<World> {
    const world = createLossyWorld(aws, createRandom(1));
    const { acts, quiet, setNetwork, page } = world;
    await acts.push();
    setNetwork(["answer lost"]);
    page().store.change({ op: "put", songId: "a", input: { rating: 4 } });
    await quiet();
    expect(world.commits).toHaveLength(1);
    await act(world);
    await acts.phoneForLong();
    setNetwork(["answered"]);
    await acts.reload();
    await quiet();
    expect(page().queue.pending.get()).toEqual([]);
    return world;
  }

  it("is not made anew when another device removed it since, and the server has forgotten its name", async () => {
    const { list, outcomes } = await resend(({ phone }) => phone.deleteSubscription("a", {}));
    expect((await list()).items.map(({ songId }) => songId)).toEqual(["other"]);
    expect(outcomes).toMatchObject([{ kind: "done", result: { subscription: null } }]);
  });

  it("does not go over what another device made of it since", async () => {
    const { list, outcomes } = await resend(({ phone }) => phone.patchSubscription("a", { rating: 1 }, {}));
    expect((await list()).items).toMatchObject([{ songId: "a", rating: 1 }, { songId: "other" }]);
    expect(outcomes).toMatchObject([{ kind: "refused", error: { kind: "precondition-failed" } }]);
  });

  it("is taken for made when it is there as it was wanted", async () => {
    const { list, outcomes } = await resend(async () => {});
    expect((await list()).items).toMatchObject([
      { songId: "a", rating: 4, revision: 1 },
      { songId: "other" },
    ]);
    expect(outcomes).toMatchObject([{ kind: "done" }]);
  });
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
