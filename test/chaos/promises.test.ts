import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { defences } from "./defences.ts";
import { scenarios } from "./scenarios/all.ts";
import { play } from "./scenarios/stage.ts";
import { startWorld, type World } from "./world/world.ts";

describe("Under faults", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  afterAll(() => world.close());

  for (const scenario of scenarios)
    it(scenario.name, async () => {
      const own = scenario.world && (await startWorld(scenario.world));
      try {
        expect(await play(own ?? world, scenario)).toEqual([]);
      } finally {
        await own?.close();
      }
    }, 60_000);
});

describe("The list of defences", () => {
  it("has a scenario for each", () => {
    expect(new Set(scenarios.map(({ defence }) => defence))).toEqual(new Set(Object.keys(defences)));
  });

  it("is written down whole", async () => {
    const text = await readFile(join(import.meta.dirname, "README.md"), "utf8");
    for (const [name, { keeps }] of Object.entries(defences))
      expect(text).toContain(`| \`${name}\` | ${keeps} |`);
  });
});
