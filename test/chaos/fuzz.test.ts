import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveWorld, startLiveWorld, type TestNode } from "../support/live-world.ts";
import { runSeed } from "../support/random.ts";
import { fuzzedEndpoints } from "./fuzz/endpoints.ts";
import { fuzzEndpoint } from "./fuzz/fuzz-endpoint.ts";
import { noFloodLimit } from "./fuzz/limits.ts";

const seed = runSeed();
const frames = 3_000;
let world: LiveWorld;
let node: TestNode;

beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode({ flood: noFloodLimit });
});
afterAll(() => world.close());

describe(`Random and damaged frames (SEED=${seed})`, () => {
  it.each(["node", "gateway"] as const)(
    "do no harm at the endpoint of the %s",
    async (kind) => {
      const tally = await fuzzEndpoint(world, fuzzedEndpoints(world, node)[kind], { seed, frames });
      expect(tally.faults).toEqual([]);
      expect(tally.frames).toBeGreaterThanOrEqual(frames);
      for (const answer of ["welcome", "pong", "playback", "error invalid-request"])
        expect(tally.answers.get(answer), answer).toBeGreaterThan(0);
      for (const code of [1002, 1007, 1009]) expect(tally.endings.get(code), String(code)).toBeGreaterThan(0);
    },
    120_000,
  );
});
