import { type LiveDoors, liveProtocol } from "../../contract/live.ts";
import type { Environment } from "../ports.ts";

/** Where live sessions connect, in the order to try: the nodes, then the gateway. */
export type DoorsConfig = LiveDoors["doors"];

/** `LIVE_NODE_URL` and `LIVE_GATEWAY_URL`: WebSocket URLs as clients reach them; a door without one is not named. */
export function readDoors(env: Environment): DoorsConfig {
  const { LIVE_NODE_URL: node, LIVE_GATEWAY_URL: gateway } = env;
  return [
    ...(node ? [{ url: node, kind: "node" as const }] : []),
    ...(gateway ? [{ url: gateway, kind: "gateway" as const }] : []),
  ];
}

export const getLiveDoors = async ({ doors }: { readonly doors: DoorsConfig }): Promise<LiveDoors> => ({
  doors,
  protocol: liveProtocol,
});
