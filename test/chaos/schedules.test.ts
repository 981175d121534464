import { describe, expect, it } from "vitest";
import { runSeed } from "../support/random.ts";
import { runChaos } from "./run.ts";
import { planSchedule } from "./schedule.ts";

const seed = runSeed();

describe(`Devices of one person, by schedules from seed ${seed},`, () => {
  it("lose nothing, see nothing twice and end alike, whatever fails", async () => {
    const { diverged, schedules, changes } = await runChaos({ seed, schedules: 16, parallel: 6 });
    expect(diverged.map((outcome) => [outcome.seed, ...outcome.divergences])).toEqual([]);
    expect(schedules).toBe(16);
    expect(changes).toBeGreaterThan(0);
  }, 180_000);

  it("meet the same faults again by the same seed", () => {
    expect(planSchedule(seed)).toEqual(planSchedule(seed));
    expect(planSchedule(seed)).not.toEqual(planSchedule(seed + 1));
  });
});
