import type { LiveWorld, TestNode } from "../../support/live-world.ts";
import type { Door } from "./fuzz-door.ts";

/** Both doors of a world, as fuzzing knows them. */
export const doorsOf = (world: LiveWorld, node: TestNode): Record<Door["kind"], Door> => ({
  node: { kind: "node", url: node.url, sessions: node.live.hub.size },
  gateway: { kind: "gateway", url: world.gatewayUrl, sessions: () => world.gatewayConnections.size },
});
