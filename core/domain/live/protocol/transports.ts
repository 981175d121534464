import { type LiveTransports, liveProtocol } from "../../../contract/live.ts";
import type { Environment } from "../../ports.ts";

/** Where live connections go, in the order to try them: the nodes, then the gateway. */
export type TransportsConfig = LiveTransports["transports"];

/** `LIVE_NODE_URL` and `LIVE_GATEWAY_URL`: WebSocket URLs as clients reach them; an endpoint without one is left out. */
export function readTransports(env: Environment): TransportsConfig {
  const { LIVE_NODE_URL: node, LIVE_GATEWAY_URL: gateway } = env;
  return [
    ...(node ? [{ url: node, kind: "node" as const }] : []),
    ...(gateway ? [{ url: gateway, kind: "gateway" as const }] : []),
  ];
}

export const getLiveTransports = async ({
  transports,
}: {
  readonly transports: TransportsConfig;
}): Promise<LiveTransports> => ({
  transports,
  protocol: liveProtocol,
});
