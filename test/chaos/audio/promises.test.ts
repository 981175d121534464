import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runSeed } from "../../support/random.ts";
import { audioDefences } from "./defences.ts";
import { audioScenarios } from "./scenarios.ts";
import { playAudio } from "./stage.ts";
import { type AudioWorld, startAudioWorld } from "./world.ts";

const seed = runSeed();

describe(`Under faults, with SEED=${seed}`, () => {
  let world: AudioWorld;
  beforeAll(async () => {
    world = await startAudioWorld();
  });
  afterAll(() => world.close());

  for (const scenario of audioScenarios)
    it(scenario.name, async () => {
      expect(await playAudio(world, scenario, seed)).toEqual([]);
    }, 60_000);
});

describe("The list of audio's defences", () => {
  it("has a scenario for each", () => {
    expect(new Set(audioScenarios.map(({ defence }) => defence))).toEqual(
      new Set(Object.keys(audioDefences)),
    );
  });

  it("is written down whole", async () => {
    const text = await readFile(new URL("../README.md", import.meta.url), "utf8");
    for (const [name, { keeps }] of Object.entries(audioDefences))
      expect(text).toContain(`| \`${name}\` | ${keeps} |`);
  });
});
