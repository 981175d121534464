import { describe, expect, it } from "vitest";
import { runSeed } from "../support/random.ts";
import { fillDisks } from "./full-disks.ts";
import { cutPower } from "./power-cuts.ts";
import { canMount } from "./volume.ts";

const seed = runSeed();

/** `npm run test:faults` does the same for longer. */
describe.skipIf(!(await canMount()))(`What is acknowledged stays (SEED=${seed})`, () => {
  it("when the power goes", async () => {
    const { failures, acknowledged } = await cutPower(2, seed);
    expect(failures).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
  }, 120_000);

  it("when the disk is full, and free again", async () => {
    const { failures, acknowledged } = await fillDisks(3, seed);
    expect(failures).toEqual([]);
    expect(acknowledged).toBeGreaterThan(0);
  }, 120_000);
});
