import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { renewEpochs } from "../../../../core/aws/renew-epochs.ts";
import type { Actor } from "../../../../core/domain/actor.ts";
import { closeAccount } from "../../../../core/domain/subscriptions/close.ts";
import { listSubscriptions } from "../../../../core/domain/subscriptions/list.ts";
import { maxRenewals } from "../../../../core/domain/subscriptions/renew-epoch.ts";
import { resume } from "../../../../core/domain/subscriptions/resume.ts";
import { putSubscription } from "../../../../core/domain/subscriptions/write.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { databaseOf, newActor, subscriptionDeps, type TestDeps } from "../../../support/subscriptions.ts";

let aws: TestAws;
let deps: TestDeps;
let actor: Actor;

beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());
beforeEach(() => {
  actor = newActor();
  deps = subscriptionDeps(databaseOf(aws));
});

const put = (songId: string, rating = 1) => putSubscription(deps, actor, { songId, rating });
const list = (query: Parameters<typeof listSubscriptions>[2] = {}) => listSubscriptions(deps, actor, query);
const hello = (epoch: string, since: number) => resume(deps, { userId: actor.userId, epoch, since });

it("a device that was told more than there is gets the list, in a new epoch", async () => {
  const { epoch } = await put("a");
  const resumed = await hello(epoch, 2);
  expect(resumed).toEqual({ kind: "resync", epoch: expect.stringMatching(/^\w{26}$/), revision: 1 });
  expect(resumed.epoch).not.toBe(epoch);
  expect(await list()).toMatchObject({ epoch: resumed.epoch, revision: 1, items: [{ songId: "a" }] });
  // Whoever has the old one, even at a revision that is there, takes the list as well.
  expect(await hello(epoch, 1)).toMatchObject({ kind: "resync", epoch: resumed.epoch });
  expect(await hello(resumed.epoch, 1)).toMatchObject({ kind: "current" });
});

it("the same by REST, where the epoch is named", async () => {
  const { epoch } = await put("a");
  expect(await list({ since: 2 })).toMatchObject({ epoch, items: [{ songId: "a" }] });
  const page = await list({ since: 2, epoch });
  expect(page).toMatchObject({ revision: 1, items: [{ songId: "a" }] });
  expect(page.epoch).not.toBe(epoch);
});

it("changes go on in the new epoch, each at its revision, also those that race with it", async () => {
  const { epoch } = await put("a");
  const songs = ["b", "c", "d", "e"];
  const [made, told] = await Promise.all([
    Promise.all(songs.map((songId) => put(songId))),
    Promise.all([hello(epoch, 99), hello(epoch, 99), list({ epoch, since: 99 })]),
  ]);
  expect(made.map(({ revision }) => revision).sort()).toEqual([2, 3, 4, 5]);
  const now = await list();
  expect(new Set(told.map((answer) => answer.epoch))).toEqual(new Set([now.epoch]));
  expect(now).toMatchObject({ revision: 5, items: ["a", ...songs].map((songId) => ({ songId })) });
});

it("is for naught in bad faith: without changes between, only some questions write", async () => {
  let { epoch } = await put("a");
  const epochs = new Set<string>();
  for (let at = 0; at < maxRenewals + 4; at++) {
    ({ epoch } = await hello(epoch, 1_000));
    epochs.add(epoch);
  }
  expect(epochs.size).toBe(maxRenewals);
  await put("b");
  expect((await hello(epoch, 1_000)).epoch).not.toBe(epoch);
});

it("renews all heads at once, but closed ones", async () => {
  const { epoch } = await put("a");
  const gone = newActor();
  await putSubscription(deps, gone, { songId: "a" });
  await closeAccount({ ...deps, newId: () => "closed" }, gone.userId);
  const closed = await deps.subscriptions.head(gone.userId);
  const heads = await renewEpochs(databaseOf(aws), () => "01JRENEWED");
  expect(heads).toBeGreaterThan(0);
  expect(await list({ since: 1, epoch })).toMatchObject({ epoch: "01JRENEWED", revision: 1, items: [{}] });
  expect(await deps.subscriptions.head(gone.userId)).toEqual(closed);
});
