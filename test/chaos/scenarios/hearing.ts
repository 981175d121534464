import { emptyHead } from "../../../core/domain/subscriptions/open-head.ts";
import { putSubscription } from "../../../core/domain/subscriptions/write.ts";
import { subscriptionDeps } from "../../support/subscriptions.ts";
import { until } from "../../support/until.ts";
import type { Divergence } from "../oracle.ts";
import { deafToPongs, type Scenario, type Stage } from "./stage.ts";

/** So that every push of the next moments is lost, whichever tables the stream's batches are of. */
const lost = Array<"lost">(20).fill("lost");

/** Of two changes the second one's push is lost, and none follows. */
async function loseLastPush(
  stage: Stage,
  options: { readonly gatewayFirst: boolean },
): Promise<readonly Divergence[]> {
  const [writer, reader] = [await stage.device(), await stage.device(options)];
  await stage.live(reader);
  await stage.change(writer, "put", "song-1", 1);
  await stage.has(reader, 1);
  stage.world.stream.arm(lost);
  await stage.change(writer, "put", "song-2", 2);
  return stage.judge();
}

export const hearing: readonly Scenario[] = [
  {
    name: "A push that follows a lost one is not applied before what is missing",
    defence: "sequence",
    async play(stage) {
      const [writer, reader] = [await stage.device(), await stage.device()];
      await stage.change(writer, "put", "song-1", 1);
      await stage.has(reader, 1);
      stage.world.stream.arm(lost);
      await stage.change(writer, "put", "song-2", 2);
      stage.world.stream.heal();
      await stage.change(writer, "put", "song-3", 3);
      await stage.has(reader, 3);
      return stage.judge();
    },
  },
  {
    name: "A device that learns that it is behind asks for what is missing",
    defence: "asking-again",
    play: (stage) => loseLastPush(stage, { gatewayFirst: false }),
  },
  {
    name: "A push that is lost is found by the heartbeat, although nothing follows it",
    defence: "head-in-pong",
    play: (stage) => loseLastPush(stage, { gatewayFirst: true }),
  },
  {
    name: "A device that slept for months and misses more than a message holds fetches the list",
    defence: "resync",
    async play(stage) {
      const sleeper = await stage.device();
      await stage.live(sleeper);
      await stage.has(sleeper, 0);
      stage.gone(sleeper);
      const writer = { ...subscriptionDeps(stage.world.database), clock: { now: () => new Date() } };
      const tags = Array.from({ length: 20 }, (_, at) => `${at} ${"x".repeat(36)}`);
      for (let at = 0; at < 30; at++)
        await putSubscription(writer, stage.user, {
          songId: `old-song-${at}`,
          tags,
          changeId: `by-hand-${at}`,
        });
      sleeper.sleep(180 * 86_400_000);
      stage.back(sleeper);
      return stage.judge();
    },
  },
  {
    name: "A device notices that the table was restored from a backup",
    defence: "epoch",
    async play(stage) {
      const { world, user } = stage;
      const device = await stage.device();
      for (const songId of ["song-1", "song-2", "song-3"]) await stage.change(device, "put", songId, 1);
      await stage.has(device, 3);
      stage.gone(device);
      // The backup is from before the first change, and others were made since.
      await world.subscriptions.deleteRows(user.userId);
      const restored = { ...subscriptionDeps(world.database), clock: { now: () => new Date() } };
      await world.restore(emptyHead(user.userId, "after-the-restore"));
      for (const songId of ["song-1", "song-4", "song-4", "song-4"])
        await putSubscription(restored, user, { songId, tags: [crypto.randomUUID()] });
      stage.back(device);
      return stage.comesTrue("the device has the restored list", () => {
        const { revision, subscriptions } = device.replica.get();
        return revision === 4 && [...subscriptions.keys()].sort().join() === "song-1,song-4";
      });
    },
  },
  {
    name: "A device notices that the table went back within one epoch",
    defence: "renewal",
    async play(stage) {
      const { world, user } = stage;
      const device = await stage.device();
      await stage.change(device, "put", "song-1", 1);
      await stage.has(device, 1);
      const copy = await world.subscriptions.head(user.userId);
      for (const songId of ["song-2", "song-3"]) await stage.change(device, "put", songId, 1);
      await stage.has(device, 3);
      stage.gone(device);
      // The head of the copy still carries its change, whose row readers overlay.
      await world.subscriptions.deleteRows(user.userId);
      if (copy) await world.restore(copy);
      stage.back(device);
      return stage.comesTrue("the device has the list of the copy", () => {
        const { revision, subscriptions } = device.replica.get();
        return revision === 1 && [...subscriptions.keys()].join() === "song-1";
      });
    },
  },
  {
    name: "Nothing is missed between a device's resume and its first push",
    defence: "row-before-head",
    async play(stage) {
      const writer = await stage.device();
      await stage.live(writer);
      const reader = await stage.device({ deafTo: deafToPongs });
      await stage.live(reader);
      await stage.has(reader, 0);
      await stage.change(writer, "put", "song-1", 1);
      return stage.judge();
    },
  },
  {
    name: "A push that meets a connection which is being established does not take its row away",
    defence: "unchanged-when-gone",
    async play(stage) {
      const { world } = stage;
      const writer = await stage.device();
      await stage.live(writer);
      // The row is there, the gateway does not know the connection yet, and the row's end comes after the hello.
      world.tables.get("socket")?.delay("answer", "BatchWriteItem", 500);
      world.tables.get("push")?.delay("request", "DeleteItem", 1_000);
      const reader = await stage.device({ gatewayFirst: true, deafTo: deafToPongs });
      const rows = async () => (await world.connections.ofUser(stage.user.userId)).connections;
      await stage.comesTrue("the row is there", async () => (await rows()).length === 2);
      await stage.change(writer, "put", "song-1", 1);
      await stage.live(reader);
      await stage.comesTrue("a late end has come", async () => (await rows()).length === 1, 2_000);
      await stage.change(writer, "put", "song-2", 2);
      return stage.judge();
    },
  },
  {
    name: "A push that could not be made because the table was busy is made later",
    defence: "delivered-again",
    async play(stage) {
      const writer = await stage.device();
      const reader = await stage.device({ deafTo: deafToPongs });
      await stage.live(reader);
      await stage.change(writer, "put", "song-2", 1);
      await stage.has(reader, 1);
      stage.world.tables.get("push")?.arm(Array(200).fill("failed"));
      await stage.change(writer, "put", "song-1", 1);
      await until("the push has failed", () => stage.world.pushed(stage.user.userId, 2));
      return stage.judge([reader]);
    },
  },
  {
    name: "A record that makes no sense holds nobody up",
    defence: "left-out",
    world: { delivery: { bisectBatchOnFunctionError: false, maximumRetryAttempts: 100 } },
    async play(stage) {
      const [writer, reader] = [await stage.device(), await stage.device({ deafTo: deafToPongs })];
      await stage.live(reader);
      stage.world.stream.arm(Array(100).fill("poisoned"));
      await stage.change(writer, "put", "song-1", 1);
      return stage.comesTrue("the change arrives", () => reader.replica.get().revision === 1);
    },
  },
];
