import { setTimeout as wait } from "node:timers/promises";
import type { PlaybackIntent } from "../../core/contract/live.ts";
import { createRandom } from "../support/random.ts";
import type { Defence } from "./defences.ts";
import { type Device, startDevice } from "./device.ts";
import { type Judgement, judge } from "./judge.ts";
import type { NetworkFault, Schedule, Step } from "./schedule.ts";
import type { TcpProxy } from "./world/tcp-proxy.ts";
import { songIds, type World } from "./world/world.ts";

export type Outcome = Judgement & {
  readonly seed: number;
  /** How many faults were ordered. */
  readonly faults: number;
};

export type RunOptions = {
  readonly off?: Defence | undefined;
  /** How long everything may take to agree once nothing fails any more, in milliseconds. */
  readonly settleWithinMs?: number;
};

const isFault = ({ kind }: Step): boolean =>
  ["network", "database", "stream", "kill", "drain", "replace"].includes(kind);

/** Runs one user's schedule in the world, which others may shake at the same time, and asks the oracle. */
export async function runSchedule(
  world: World,
  schedule: Schedule,
  { off, settleWithinMs = 120_000 }: RunOptions = {},
): Promise<Outcome> {
  const user = await world.newUser();
  const random = createRandom(schedule.seed + 1);
  const start = async (at: number, name: string, before?: Device): Promise<Device> => {
    const plan = schedule.devices[at] ?? { clockOffMs: 0, gatewayFirst: false };
    return startDevice(world, {
      name,
      user: before?.user ?? (at === 0 ? user : await world.newSession(user)),
      before,
      random,
      off,
      ...plan,
    });
  };
  const devices = await Promise.all(schedule.devices.map((_, at) => start(at, `device-${at}`)));
  const all = [...devices];
  const open = async (at: number): Promise<void> => {
    const old = devices[at];
    if (!old) return;
    old.leave();
    const next = await start(at, `device-${at}-${all.length}`, old);
    devices[at] = next;
    all.push(next);
  };
  try {
    for (const step of schedule.steps) await take(world, step, devices, open);
    for (const device of all) for (const proxy of device.parts("all")) proxy.heal();
    world.heal();
    const found = await judge(world, user.userId, { devices, all, withinMs: settleWithinMs });
    return { seed: schedule.seed, faults: schedule.steps.filter(isFault).length, ...found };
  } finally {
    await Promise.all(all.map((device) => device.close()));
  }
}

async function take(
  world: World,
  step: Step,
  devices: readonly Device[],
  replace: (at: number) => Promise<void>,
): Promise<void> {
  switch (step.kind) {
    case "change":
      return devices[step.device]?.change(step.op, step.songId, step.rating);
    case "burst":
      for (let at = 0; at < step.count; at++)
        devices[step.device]?.change("put", songIds[at % songIds.length] ?? "", 1 + (at % 5));
      return;
    case "play":
      return void devices[step.device]?.live.send(intentOf(devices[step.device], step.songId));
    case "network":
      for (const proxy of devices[step.device]?.parts(step.part) ?? [])
        disturbances[step.fault](proxy, step.bytes);
      return;
    case "wake":
      return devices[step.device]?.wake();
    case "replace":
      return replace(step.device);
    case "database":
      return world.tables.get(step.process)?.arm(step.fates, step.after);
    case "stream":
      return world.stream.arm(step.faults);
    case "kill":
      return kill(world, step.process);
    case "drain":
      return world.nodes[step.node]?.drain();
    case "wait":
      return wait(step.ms);
  }
}

const intentOf = (device: Device | undefined, songId: string): PlaybackIntent => ({
  type: "playback",
  songId,
  positionSeconds: 1,
  paused: false,
  version: device?.told.at(-1)?.version ?? 0,
});

const disturbances: Record<NetworkFault, (proxy: TcpProxy, bytes: number) => void> = {
  cut: (proxy) => proxy.cut(),
  "cut-after": (proxy, bytes) => proxy.cutAfter(bytes),
  stall: (proxy) => proxy.stall(),
  refuse: (proxy) => proxy.refuse(),
  heal: (proxy) => proxy.heal(),
};

function kill(world: World, process: Extract<Step, { kind: "kill" }>["process"]): void {
  if (process === "api" || process === "socket" || process === "push") world.lambdas[process].kill();
  else void world.nodes[Number(process.slice("node-".length))]?.kill();
}
