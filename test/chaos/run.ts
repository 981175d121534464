import type { Defence } from "./defences.ts";
import { type Outcome, runSchedule } from "./run-schedule.ts";
import { planSchedule } from "./schedule.ts";
import { startWorld } from "./world/world.ts";

export type ChaosOptions = {
  readonly seed: number;
  readonly schedules: number;
  /** Users at the same time, who shake each other's world too. */
  readonly parallel?: number;
  readonly off?: Defence | undefined;
  readonly settleWithinMs?: number;
  /** Stops early when it answers true. */
  readonly onOutcome?: (outcome: Outcome, done: number) => boolean;
};

export type ChaosSummary = {
  readonly schedules: number;
  readonly changes: number;
  readonly faults: number;
  /** Processes that were killed or drained. */
  readonly restarts: number;
  /** The schedules in which something diverged. */
  readonly diverged: readonly Outcome[];
};

/** Runs schedules of consecutive seeds in one world. */
export async function runChaos(options: ChaosOptions): Promise<ChaosSummary> {
  const { seed, schedules, parallel = 8, off, onOutcome, settleWithinMs = 120_000 } = options;
  const world = await startWorld({ off });
  const outcomes: Outcome[] = [];
  let next = 0;
  let stopped = false;
  const work = async (): Promise<void> => {
    while (next < schedules && !stopped) {
      const outcome = await runSchedule(world, planSchedule(seed + next++), { off, settleWithinMs });
      outcomes.push(outcome);
      stopped ||= onOutcome?.(outcome, outcomes.length) === true;
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(parallel, schedules) }, work));
    const { lambdas, nodes } = world;
    const killed = Object.values(lambdas).reduce((sum, lambda) => sum + lambda.kills(), 0);
    return {
      schedules: outcomes.length,
      changes: outcomes.reduce((sum, { changes }) => sum + changes, 0),
      faults: outcomes.reduce((sum, { faults }) => sum + faults, 0),
      restarts: nodes.reduce((sum, node) => sum + node.restarts(), killed),
      diverged: outcomes.filter(({ divergences }) => divergences.length > 0),
    };
  } finally {
    await world.close();
  }
}
