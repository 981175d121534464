import { until } from "../../support/until.ts";
import type { Device } from "../device.ts";
import type { Scenario } from "./stage.ts";

const play = (device: Device, songId: string) =>
  device.live.send({ type: "playback", version: 0, songId, positionSeconds: 3, paused: false });

export const fleet: readonly Scenario[] = [
  {
    name: "Of two devices that take playback over at once, one wins and the other is told",
    defence: "compare-and-set",
    async play(stage) {
      const [first, second] = [await stage.device(), await stage.device()];
      await Promise.all([stage.live(first), stage.live(second)]);
      play(first, "song-1");
      play(second, "song-2");
      await until("both are told", () => first.told.length > 0 && second.told.length > 0);
      return stage.judge();
    },
  },
  {
    name: "A session that ended is cut off although no push told of it",
    defence: "session-check",
    async play(stage) {
      const { world, user } = stage;
      const device = await stage.device();
      await stage.live(device);
      world.stream.arm(Array(20).fill("lost"));
      await world.sessions.delete(user.sessionId);
      return stage.comesTrue("the device is told", () => device.byes.includes("session-ended"));
    },
  },
  {
    name: "A node that is replaced says goodbye, and its devices lose nothing",
    defence: "drain",
    async play(stage) {
      const devices = [await stage.device(), await stage.device(), await stage.device()];
      await Promise.all(devices.map(stage.live));
      for (const node of stage.world.nodes) {
        for (const device of devices) device.change("put", "song-1", 1);
        node.drain();
        await node.ready();
      }
      const told = await stage.comesTrue("every device was told", () =>
        devices.every(({ byes }) => byes.includes("draining")),
      );
      return [...told, ...(await stage.judge(devices, 20_000))];
    },
  },
  {
    name: "A device that does not read is let go",
    defence: "slow-consumers",
    async play(stage) {
      const device = await stage.device();
      await stage.live(device);
      const [row] = (await stage.world.connections.ofUser(stage.user.userId)).connections;
      const ended = 'encore_live_ended_total{reason="slow-consumer"}';
      const before = await stage.world.metric(ended);
      device.network.node.stall();
      const text = JSON.stringify({ type: "changes", from: 0, to: 0, changes: [], pad: "x".repeat(8_000) });
      for (let at = 0; row && at < 10; at++)
        await stage.world.post(row.endpointId, row.connectionId, text, 200);
      return stage.comesTrue("the node let it go", async () => (await stage.world.metric(ended)) > before);
    },
  },
  {
    name: "What a node that was killed left behind is deleted",
    defence: "sweep",
    async play(stage) {
      const { world, user } = stage;
      const device = await stage.device();
      await stage.live(device);
      const rows = async () => (await world.connections.ofUser(user.userId)).connections;
      const [row] = await rows();
      if (!row) return ["There was no row"];
      await Promise.all(world.nodes.map((node) => node.kill()));
      stage.gone(device);
      await Promise.all(world.nodes.map((node) => node.ready()));
      await world.endpoints.renew(row.endpointId, 0);
      return stage.comesTrue("no row is left", async () => (await rows()).length === 0);
    },
  },
];
