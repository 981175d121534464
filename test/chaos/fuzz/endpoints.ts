import type { LiveWorld, TestNode } from "../../support/live-world.ts";
import type { FuzzedEndpoint } from "./fuzz-endpoint.ts";

/** Both endpoints of a world, as fuzzing knows them. */
export const fuzzedEndpoints = (
  world: LiveWorld,
  node: TestNode,
): Record<FuzzedEndpoint["kind"], FuzzedEndpoint> => ({
  node: { kind: "node", url: node.url, connections: node.live.hub.size },
  gateway: { kind: "gateway", url: world.gatewayUrl, connections: () => world.gatewayConnections.size },
});
