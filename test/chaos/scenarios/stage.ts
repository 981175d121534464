import type { TestUser } from "../../support/listeners.ts";
import { createRandom } from "../../support/random.ts";
import { until } from "../../support/until.ts";
import type { Defence } from "../defences.ts";
import { type Device, type DeviceOptions, startDevice } from "../device.ts";
import { judge } from "../judge.ts";
import type { Divergence } from "../oracle.ts";
import type { World, WorldOptions } from "../world/world.ts";

/** One promise under faults, and what is done to break it. */
export type Scenario = {
  /** The promise, as a sentence. */
  readonly name: string;
  /** Without this the promise does not hold. */
  readonly defence: Defence;
  /** Where the scenario needs a world of its own. */
  readonly world?: Pick<WorldOptions, "delivery">;
  /** @returns where promise and product differ */
  readonly play: (stage: Stage) => Promise<readonly Divergence[]>;
};

export type Stage = Awaited<ReturnType<typeof openStage>>;

/** A push that was lost is found by nothing else then. */
export const deafToPongs: DeviceOptions["deafTo"] = (message) =>
  message.type === "pong" ? { type: "pong" } : message;

/** A user of their own in the world, with devices that come as they are called. */
async function openStage(world: World, off: Defence | undefined) {
  const user = await world.newUser();
  const random = createRandom(1);
  const devices: Device[] = [];

  const isLive = ({ live }: Device): boolean => live.state.get().kind === "live";
  const has = (device: Device, revision: number): Promise<void> =>
    until(`${device.name} has revision ${revision}`, () => (device.replica.get().revision ?? -1) >= revision);

  return {
    world,
    off,
    user,
    has,
    isOff: (defence: Defence): boolean => off === defence,
    /** A device of the user's, connected at the node unless it is said otherwise. */
    async device(options: Partial<DeviceOptions> & { as?: TestUser } = {}): Promise<Device> {
      const { as = devices.length === 0 ? user : await world.newSession(user), ...more } = options;
      const name = `device-${devices.length}`;
      const device = await startDevice(world, {
        name,
        user: as,
        random,
        off,
        clockOffMs: 0,
        gatewayFirst: false,
        ...more,
      });
      devices.push(device);
      return device;
    },
    live: (device: Device): Promise<void> => until(`${device.name} is live`, () => isLive(device)),
    /** Makes one change and waits for its answer. */
    async change(device: Device, ...change: Parameters<Device["change"]>): Promise<void> {
      device.change(...change);
      await until("the answer", () => device.settled());
    },
    gone: (device: Device): void => {
      for (const proxy of device.parts("all")) proxy.refuse();
    },
    back: (device: Device): void => {
      for (const proxy of device.parts("all")) proxy.heal();
      device.wake();
    },
    /** What is left when nothing fails any more. */
    async judge(judged: readonly Device[] = devices, withinMs = 6_000): Promise<readonly Divergence[]> {
      world.heal();
      return (await judge(world, user.userId, { devices: judged, all: devices, withinMs })).divergences;
    },
    /** Whether it comes true; told as a divergence where it does not. */
    async comesTrue(
      what: string,
      condition: () => boolean | Promise<boolean>,
      withinMs = 6_000,
    ): Promise<Divergence[]> {
      return until(what, condition, withinMs).then(
        () => [],
        () => [`It did not come true that ${what}`],
      );
    },
    async close(): Promise<void> {
      world.heal();
      await Promise.all(devices.map((device) => device.close()));
    },
  };
}

/** Plays a scenario in a world. */
export async function play(world: World, scenario: Scenario, off?: Defence): Promise<readonly Divergence[]> {
  const stage = await openStage(world, off);
  try {
    return await scenario.play(stage);
  } finally {
    await stage.close();
  }
}
