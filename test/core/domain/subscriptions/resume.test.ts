import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxMessageBytes } from "../../../../core/contract/live.ts";
import { closeAccount } from "../../../../core/domain/subscriptions/close.ts";
import type { SubscriptionStore } from "../../../../core/domain/subscriptions/ports.ts";
import { headOf, resume } from "../../../../core/domain/subscriptions/resume.ts";
import { deleteSubscription, putSubscription } from "../../../../core/domain/subscriptions/write.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { databaseOf, newActor, subscriptionDeps } from "../../../support/subscriptions.ts";

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

/** A user with changes 1: a, 2: b, 3: a removed, 4: c. */
async function withChanges() {
  const actor = newActor();
  const deps = subscriptionDeps(databaseOf(aws));
  await putSubscription(deps, actor, { songId: "a" });
  await putSubscription(deps, actor, { songId: "b", rating: 2 });
  await deleteSubscription(deps, actor, { songId: "a" });
  const { epoch } = await putSubscription(deps, actor, { songId: "c" });
  return { deps, actor, userId: actor.userId, epoch };
}

/** Tells which operations of the store are used. */
function watched(store: SubscriptionStore) {
  const used: string[] = [];
  const get = (target: SubscriptionStore, name: keyof SubscriptionStore) => {
    used.push(name);
    return target[name];
  };
  return {
    used,
    subscriptions: new Proxy(store, { get: (target, name) => get(target, name as keyof SubscriptionStore) }),
  };
}

describe("resume", () => {
  it("answers exactly the newest change of each song since then", async () => {
    const { deps, userId, epoch } = await withChanges();
    expect(await resume(deps, { userId, epoch, since: 1 })).toMatchObject({
      kind: "changes",
      epoch,
      revision: 4,
      from: 1,
      to: 4,
      changes: [
        { op: "put", songId: "b", revision: 2, subscription: { rating: 2, revision: 2 } },
        { op: "delete", songId: "a", revision: 3 },
        { op: "put", songId: "c", revision: 4 },
      ],
    });
  });

  it("reads nothing but the head where nothing or only the last change is missing", async () => {
    const { deps, userId, epoch } = await withChanges();
    const { used, subscriptions } = watched(deps.subscriptions);
    const reader = { ...deps, subscriptions };
    expect(await resume(reader, { userId, epoch, since: 4 })).toEqual({
      kind: "current",
      epoch,
      revision: 4,
    });
    expect(await resume(reader, { userId, epoch, since: 3 })).toMatchObject({
      from: 3,
      to: 4,
      changes: [{ songId: "c" }],
    });
    expect(used).toEqual(["head", "head"]);
  });

  it("reads nothing at all with a head that is read already", async () => {
    const { deps, userId, epoch } = await withChanges();
    const known = (await headOf(deps, [userId])).get(userId);
    if (!known) throw new Error("The head is there");
    const { used, subscriptions } = watched(deps.subscriptions);
    const answer = await resume({ ...deps, subscriptions }, { userId, epoch, since: 4, head: known.head });
    expect(answer).toEqual({ kind: "current", epoch, revision: 4 });
    expect(used).toEqual([]);
  });

  it.each([
    ["a device that has nothing", { since: null }],
    ["another epoch", { epoch: "another" }],
    ["a device that has no epoch", { epoch: null }],
  ])("sends %s to the list", async (_, position) => {
    const { deps, userId, epoch } = await withChanges();
    const answer = await resume(deps, { userId, epoch, since: 2, ...position });
    expect(answer).toEqual({ kind: "resync", epoch, revision: 4 });
  });

  it("gives a user without a head one, which stays", async () => {
    const deps = subscriptionDeps(databaseOf(aws));
    const { userId } = newActor();
    const [first, second] = await Promise.all([
      resume(deps, { userId, epoch: null, since: null }),
      resume(deps, { userId, epoch: null, since: null }),
    ]);
    expect(first).toMatchObject({ kind: "resync", revision: 0 });
    expect(second).toEqual(first);
  });

  it("never exceeds one message", async () => {
    const { deps, actor, userId, epoch } = await withChanges();
    const tags = Array.from({ length: 20 }, (_, n) => `${n}-${"ö".repeat(30)}`);
    let last = await resume(deps, { userId, epoch, since: 0 });
    for (let n = 0; last.kind === "changes"; n++) {
      expect(new TextEncoder().encode(JSON.stringify({ ...last, type: "changes" })).length).toBeLessThan(
        maxMessageBytes + 100,
      );
      await putSubscription(deps, actor, { songId: `long-${n}`, tags });
      last = await resume(deps, { userId, epoch, since: 0 });
    }
    expect(last.kind).toBe("resync");
    expect(last.revision).toBeGreaterThan(10);
  });

  it("refuses a closed account", async () => {
    const { deps, userId, epoch } = await withChanges();
    await closeAccount(deps, userId);
    await expect(resume(deps, { userId, epoch, since: 4 })).rejects.toMatchObject({ kind: "account-closed" });
  });
});

describe("heads of many users", () => {
  it("come in batches, without users that have none or are closed", async () => {
    const deps = subscriptionDeps(databaseOf(aws));
    const actors = Array.from({ length: 130 }, newActor);
    await Promise.all(actors.map((actor) => putSubscription(deps, actor, { songId: "a" })));
    const closed = newActor();
    await closeAccount(deps, closed.userId);
    const asked = [...actors, ...actors, closed, newActor()].map(({ userId }) => userId);
    const heads = await headOf(deps, asked);
    expect([...heads.keys()].sort()).toEqual(actors.map(({ userId }) => userId).sort());
    expect([...heads.values()].every(({ revision, epoch }) => revision === 1 && epoch.length === 26)).toBe(
      true,
    );
  });
});
