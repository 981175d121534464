import {
  ApiGatewayManagementApiClient,
  type ApiGatewayManagementApiClientConfig,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { Endpoint } from "../domain/live/cluster/ports.ts";
import { batchRequests } from "../domain/live/push/batching.ts";
import type { ConnectionsApi } from "../domain/live/push/ports.ts";
import type { Environment } from "../domain/ports.ts";
import { serviceConfig } from "./config.ts";
import { createConnectionsApi } from "./connections-api.ts";
import { createAddressCheck } from "./endpoint-address.ts";

/** The id of the gateway among the endpoints. */
export const gatewayEndpointId = "gateway";

/** The gateway's endpoint: `GATEWAY_MANAGEMENT_ENDPOINT` is its HTTPS URL with the stage. */
export function readGateway(env: Environment): Endpoint | undefined {
  const address = env.GATEWAY_MANAGEMENT_ENDPOINT;
  return address ? { endpointId: gatewayEndpointId, kind: "gateway", address } : undefined;
}

/** What the management API of every node asks for. */
export function readManagementSecret(env: Environment): string {
  const secret = env.MANAGEMENT_SECRET;
  if (!secret || secret.length < 16)
    throw new Error("MANAGEMENT_SECRET must be set, with 16 characters or more");
  return secret;
}

/** `ENDPOINT_NETWORKS`: where nodes may be, in CIDR notation, separated by commas; only this machine by default. */
const readNetworks = (env: Environment): readonly string[] =>
  (env.ENDPOINT_NETWORKS ?? "127.0.0.0/8,::1/128").split(",").map((network) => network.trim());

/** Who calls decides about another try. In AWS region and role are the SDK's to find. */
const managementConfig = (env: Environment, endpoint: string): ApiGatewayManagementApiClientConfig => ({
  ...(endpoint.startsWith("http:") ? serviceConfig(env, endpoint) : { endpoint }),
  maxAttempts: 1,
});

/** The port to both kinds of endpoint, from an environment. */
export function connectionsApiFor(env: Environment): ConnectionsApi {
  const api = createConnectionsApi({
    secret: readManagementSecret(env),
    isAllowed: createAddressCheck(readNetworks(env)),
    gatewayClient: (endpoint) => new ApiGatewayManagementApiClient(managementConfig(env, endpoint)),
  });
  return batchRequests(api);
}
