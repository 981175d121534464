import Fastify, { type FastifyPluginAsync } from "fastify";
import { connectionsApi } from "./connections-api.ts";
import { type HttpApiRoute, httpApiGateway } from "./http-api.ts";
import { type WebSocketApiOptions, webSocketGateway } from "./websocket-api.ts";
import type { GatewayConnection } from "./websocket-connection.ts";

/** The path of the WebSocket API beside everything else on one port. */
export const localGatewayPath = "/gateway";

type WebSocketFunctions = Pick<WebSocketApiOptions, "authorizer" | "routes" | "routeSelectionKey">;

export type LocalGateway = {
  /** Base URL of `@connections`. */
  readonly managementUrl: string;
  /** The HTTP API and the WebSocket API, to stand on the public port. */
  plugin(functions: {
    readonly http: readonly HttpApiRoute[];
    readonly webSocket: WebSocketFunctions;
  }): FastifyPluginAsync;
  close(): Promise<void>;
};

/** Both API Gateways of a laptop. `@connections` listens first, since the functions must know where it is. */
export async function startLocalGateway(): Promise<LocalGateway> {
  const connections = new Map<string, GatewayConnection>();
  const management = Fastify();
  management.register(connectionsApi, { connections });
  const managementUrl = await management.listen({ host: "127.0.0.1", port: 0 });
  return {
    managementUrl,
    plugin:
      ({ http, webSocket }) =>
      async (fastify) => {
        fastify.register(httpApiGateway, { routes: http });
        fastify.register(webSocketGateway, { ...webSocket, path: localGatewayPath, connections });
      },
    close: () => management.close(),
  };
}
