import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LiveWorld, startLiveWorld, type TestNode } from "../../support/live-world.ts";
import { websocketCases } from "../../support/websocket-cases.ts";
import { fits, tryCase } from "../../support/websocket-trial.ts";

let world: LiveWorld;
let node: TestNode;
let token: string;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
  ({ token } = await world.newUser());
});
afterAll(() => world.close());

const groups = Object.entries(websocketCases);

describe.each(["node", "gateway"] as const)("By RFC 6455, the endpoint of the %s", (endpoint) => {
  describe.each(groups)("%s", (group, cases) => {
    it.each(cases.map((one, at) => ({ ...one, id: `${Number.parseInt(group, 10)}.${at + 1}` })))(
      "$id (§$section): $title",
      async ({ send, hangUp = false, expect: outcomes }) => {
        const allowed = "node" in outcomes ? outcomes[endpoint] : outcomes;
        const url = endpoint === "node" ? node.url : world.gatewayUrl;
        const trial = await tryCase(url, token, { send, hangUp, expect: allowed });
        expect(trial).toSatisfy(
          () => allowed.some((outcome) => fits(trial, outcome)),
          JSON.stringify(allowed),
        );
      },
    );
  });
});

it("has more than a hundred cases, no two of one name", () => {
  const titles = groups.flatMap(([group, cases]) => cases.map(({ title }) => `${group} ${title}`));
  expect(titles.length).toBeGreaterThan(100);
  expect(new Set(titles).size).toBe(titles.length);
});
