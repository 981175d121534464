import { closeAccount } from "../../../core/domain/subscriptions/close.ts";
import { systemClock } from "../../support/live-node.ts";
import { until } from "../../support/until.ts";
import { songIds } from "../world/world.ts";
import type { Scenario, Stage } from "./stage.ts";

/** A change of `song-1` whose function is killed right after the commit, by a device that then hears nothing more. */
async function committedByTheDead(stage: Stage) {
  const writer = await stage.device();
  await stage.live(writer);
  await stage.change(writer, "put", "song-2", 1);
  // The first write of a change is its commit.
  stage.world.tables.get("api")?.armNext("PutItem", "killed-after");
  const kills = stage.world.lambdas.api.kills();
  writer.change("put", "song-1", 2);
  await until("the kill", () => stage.world.lambdas.api.kills() > kills);
  stage.gone(writer);
  await until("the commit", () => stage.world.recorder.commits(stage.user.userId).length === 2);
  return writer;
}

export const writing: readonly Scenario[] = [
  {
    name: "Three devices that change the same songs at once lose nothing",
    defence: "commit-condition",
    async play(stage) {
      const devices = [
        await stage.device(),
        await stage.device(),
        await stage.device({ gatewayFirst: true }),
      ];
      for (let at = 0; at < 15; at++)
        for (const device of devices) device.change("put", songIds[at % songIds.length] ?? "", 1 + (at % 5));
      return stage.judge(devices, 30_000);
    },
  },
  {
    name: "A change whose answer was lost is applied once, although another device changed the song since",
    defence: "change-names",
    async play(stage) {
      const [first, second] = [await stage.device(), await stage.device()];
      await stage.change(first, "put", "song-2", 1);
      first.network.rest.loseAnswers();
      first.change("put", "song-1", 1);
      await until("the commit", () => stage.world.recorder.commits(stage.user.userId).length === 2);
      await stage.has(second, 2);
      await stage.change(second, "patch", "song-1", 5);
      if (first.settled()) return ["The answer was not lost"];
      first.network.rest.heal();
      first.wake();
      return stage.judge();
    },
  },
  {
    name: "A change whose function was killed before it wrote the row is in the table after the next change",
    defence: "redo",
    async play(stage) {
      const writer = await committedByTheDead(stage);
      const other = await stage.device();
      await stage.change(other, "put", "song-3", 3);
      stage.back(writer);
      return stage.judge();
    },
  },
  {
    name: "A list holds the newest change although its function was killed before it wrote the row",
    defence: "carried-change-in-lists",
    async play(stage) {
      await committedByTheDead(stage);
      const reader = await stage.device();
      await stage.has(reader, 2);
      return reader.replica.get().subscriptions.has("song-1") ? [] : ["The list misses song-1"];
    },
  },
  {
    name: "A device resumes with the newest change although its function was killed before it wrote the row",
    defence: "carried-change-at-endpoints",
    async play(stage) {
      const reader = await stage.device();
      await stage.live(reader);
      await stage.has(reader, 0);
      stage.gone(reader);
      await committedByTheDead(stage);
      stage.back(reader);
      await stage.has(reader, 2);
      return reader.replica.get().subscriptions.has("song-1") ? [] : ["The device misses song-1"];
    },
  },
  {
    name: "Nothing is written for an account that has been closed",
    defence: "closed-head",
    async play({ world, user, ...stage }) {
      const device = await stage.device();
      await stage.change(device, "put", "song-1", 1);
      const closing = { subscriptions: world.subscriptions, newId: () => "closed-epoch", clock: systemClock };
      await closeAccount(closing, user.userId);
      await stage.change(device, "put", "song-2", 1);
      const found: string[] = [];
      for await (const { songId } of world.subscriptions.songsAfter(user.userId, "", 100))
        found.push(`${songId} was written after the end`);
      return found;
    },
  },
];
