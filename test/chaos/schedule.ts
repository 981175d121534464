import { createRandom } from "../support/random.ts";
import type { Made, NetworkPart } from "./device.ts";
import type { Fate } from "./world/dynamodb-proxy.ts";
import { type StreamFault, streamFaults } from "./world/stream-faults.ts";
import { type ProcessName, songIds } from "./world/world.ts";

/** One thing that happens to a user's devices or to what they depend on. */
export type Step =
  | {
      readonly kind: "change";
      readonly device: number;
      readonly op: Made["op"];
      readonly songId: string;
      readonly rating: number;
    }
  | { readonly kind: "burst"; readonly device: number; readonly count: number }
  | { readonly kind: "play"; readonly device: number; readonly songId: string }
  | {
      readonly kind: "network";
      readonly device: number;
      readonly part: NetworkPart | "all";
      readonly fault: NetworkFault;
      readonly bytes: number;
    }
  | { readonly kind: "wake"; readonly device: number }
  | { readonly kind: "replace"; readonly device: number }
  | {
      readonly kind: "database";
      readonly process: ProcessName;
      readonly after: number;
      readonly fates: readonly Fate[];
    }
  | { readonly kind: "stream"; readonly faults: readonly StreamFault[] }
  | { readonly kind: "kill"; readonly process: ProcessName }
  | { readonly kind: "drain"; readonly node: number }
  | { readonly kind: "wait"; readonly ms: number };

const networkFaults = ["cut", "cut-after", "stall", "refuse", "heal"] as const;
export type NetworkFault = (typeof networkFaults)[number];

export type Schedule = {
  readonly seed: number;
  readonly devices: readonly { readonly clockOffMs: number; readonly gatewayFirst: boolean }[];
  readonly steps: readonly Step[];
};

const hourMs = 3_600_000;

/** The schedule of a seed: always the same one. */
export function planSchedule(seed: number, nodes = 2): Schedule {
  const random = createRandom(seed);
  const upTo = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[upTo(list.length)] as T;
  const devices = Array.from({ length: 2 + upTo(2) }, (_, at) => ({
    clockOffMs: pick([0, 0, -12 * hourMs, 5 * hourMs, 400 * 24 * hourMs]),
    gatewayFirst: (at + seed) % 2 === 0,
  }));
  const device = () => upTo(devices.length);
  const node = () => upTo(nodes);
  const process = (): ProcessName => pick<ProcessName>(["api", "api", "socket", "push", `node-${node()}`]);
  const some = <T>(list: readonly T[], most: number): T[] =>
    Array.from({ length: 1 + upTo(most) }, () => pick(list));

  const change = (): Step => ({
    kind: "change",
    device: device(),
    op: pick(["put", "put", "put", "patch", "delete"]),
    songId: pick(songIds),
    rating: 1 + upTo(5),
  });
  const kinds: readonly (readonly [weight: number, make: () => Step])[] = [
    [40, change],
    [1, () => ({ kind: "burst", device: device(), count: 6 + upTo(14) })],
    [4, () => ({ kind: "play", device: device(), songId: pick(songIds) })],
    [
      12,
      () => ({
        kind: "network",
        device: device(),
        part: pick(["node", "gateway", "rest", "rest", "all"]),
        fault: pick(networkFaults),
        bytes: upTo(600),
      }),
    ],
    [2, () => ({ kind: "wake", device: device() })],
    [2, () => ({ kind: "replace", device: device() })],
    [
      6,
      () => ({
        kind: "database",
        process: process(),
        after: upTo(6),
        fates: some(["throttled", "failed", "answer-lost"], 5),
      }),
    ],
    [
      3,
      () => ({
        kind: "database",
        process: process(),
        after: upTo(6),
        fates: [pick(["killed-before", "killed-after"])],
      }),
    ],
    [8, () => ({ kind: "stream", faults: some(streamFaults, 3) })],
    [0.6, () => ({ kind: "kill", process: process() })],
    [0.3, () => ({ kind: "drain", node: node() })],
    [14, () => ({ kind: "wait", ms: upTo(60) })],
  ];
  const total = kinds.reduce((sum, [weight]) => sum + weight, 0);
  const draw = (): Step => {
    let at = random() * total;
    for (const [weight, make] of kinds) {
      at -= weight;
      if (at < 0) return make();
    }
    return change();
  };
  return { seed, devices, steps: Array.from({ length: 20 + upTo(30) }, draw) };
}
