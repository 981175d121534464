import { openDevice } from "../../support/live-device.ts";
import type { LiveWorld } from "../../support/live-world.ts";
import { until } from "../../support/until.ts";

/** A device of a user of its own at the same endpoint, whom nothing that others send may touch. */
export async function openWitness(world: LiveWorld, url: string) {
  const user = await world.newUser();
  const device = await openDevice(url, user.token);
  await device.hello();
  return {
    /** @throws Error where a ping is not answered, or the connection was ended */
    async look(): Promise<void> {
      device.messages.length = 0;
      device.send({ type: "ping" });
      await device.next("pong", () => true);
    },

    /** @throws Error where a change does not reach it */
    async conclude(): Promise<void> {
      await this.look();
      await world.subscribe(user, "song-at-the-end");
      await until("the change at the healthy device", () => device.songs().includes("song-at-the-end"));
    },

    async close(): Promise<void> {
      device.ws.close();
      await device.closed;
    },
  };
}
