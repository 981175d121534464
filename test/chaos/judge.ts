import { systemClock } from "../support/live-node.ts";
import { subscriptionDeps, wholeList } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";
import type { Device } from "./device.ts";
import {
  checkCommits,
  checkConverged,
  checkMade,
  checkPlayback,
  checkRows,
  checkSeen,
  type Divergence,
} from "./oracle.ts";
import type { World } from "./world/world.ts";

export type Judgement = {
  /** How many changes were committed. */
  readonly changes: number;
  readonly divergences: readonly Divergence[];
};

export type Judged = {
  /** Those that are to agree in the end. */
  readonly devices: readonly Device[];
  /** Those too that have gone. */
  readonly all?: readonly Device[];
  /** How long everything may take to agree, in milliseconds. */
  readonly withinMs: number;
};

/** Waits until one user's devices agree, and compares all they ever saw with what was committed. */
export async function judge(
  world: World,
  userId: string,
  { devices, all = devices, withinMs }: Judged,
): Promise<Judgement> {
  const stuck = await settle(world, userId, devices, withinMs);
  const commits = world.recorder.commits(userId);
  const playbacks = world.recorder.playbacks(userId);
  const reader = { ...subscriptionDeps(world.database), clock: systemClock };
  const actor = devices[0]?.user;
  const rows = actor && commits.length > 0 ? (await wholeList(reader, actor)).items : [];
  const divergences = [
    ...stuck,
    ...checkCommits(commits),
    ...checkRows(commits, rows),
    ...all.flatMap((device) => [
      ...checkMade(commits, device),
      ...checkSeen(commits, device),
      ...checkPlayback(playbacks, device),
    ]),
    ...devices.flatMap((device) => checkConverged(commits, device)),
  ];
  return { changes: commits.length, divergences };
}

/** Waits until every change has its answer and every device the newest revision. */
async function settle(
  world: World,
  userId: string,
  devices: readonly Device[],
  withinMs: number,
): Promise<Divergence[]> {
  const agree = async (): Promise<boolean> => {
    if (!devices.every((device) => device.settled())) return false;
    const head = await world.subscriptions.head(userId);
    const revision = head?.headRevision ?? 0;
    if (world.recorder.commits(userId).length < revision) return false;
    return devices.every(
      ({ replica, live }) => live.state.get().kind === "live" && replica.get().revision === revision,
    );
  };
  try {
    await until("agreement", agree, withinMs);
    return [];
  } catch {
    return devices.map(
      ({ name, live, replica, settled }) =>
        `${name} does not settle: ${JSON.stringify(live.state.get())}, revision ${replica.get().revision}, ${settled() ? "all" : "not all"} changes answered`,
    );
  }
}
