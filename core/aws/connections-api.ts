import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import type { ByeReason, ServerMessage } from "../contract/live.ts";
import type { Endpoint } from "../domain/live/cluster/ports.ts";
import type {
  ConnectionCommand,
  ConnectionsApi,
  DeliveryResult,
  PushBatch,
} from "../domain/live/push/ports.ts";
import type { AddressCheck } from "./endpoint-address.ts";

/** The header that a node's management API asks for. */
const managementSecretHeader = "x-encore-secret";

export type ConnectionsApiDeps = {
  /** A client for one management API of API Gateway's kind. */
  readonly gatewayClient: (address: string) => ApiGatewayManagementApiClient;
  readonly secret: string;
  /** Where nodes may be. */
  readonly isAllowed: AddressCheck;
  /** One attempt lasts at most this long, in milliseconds. */
  readonly timeoutMs?: number;
};

/** Nodes and the gateway behind one port. A gateway gets a request for each connection, a node one request for all. */
export function createConnectionsApi(deps: ConnectionsApiDeps): ConnectionsApi {
  const clients = new Map<string, ApiGatewayManagementApiClient>();
  const clientOf = (address: string): ApiGatewayManagementApiClient => {
    const client = clients.get(address) ?? deps.gatewayClient(address);
    clients.set(address, client);
    return client;
  };
  const signal = () => AbortSignal.timeout(deps.timeoutMs ?? 500);
  return {
    deliver: (endpoint, batch) =>
      endpoint.kind === "node"
        ? deliverToNode(deps, endpoint, batch, signal())
        : deliverToGateway(clientOf(endpoint.address), batch, signal()),
  };
}

async function deliverToNode(
  { secret, isAllowed }: ConnectionsApiDeps,
  { endpointId, address }: Endpoint,
  batch: PushBatch,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  if (!isAllowed(address)) throw new Error(`The address of endpoint ${endpointId} is outside of the network`);
  const response = await fetch(`${address}/@connections`, {
    method: "POST",
    headers: { "content-type": "application/json", [managementSecretHeader]: secret },
    body: JSON.stringify(batch),
    redirect: "error",
    signal,
  });
  if (!response.ok) throw new Error(`Endpoint ${endpointId} answered ${response.status}`);
  return (await response.json()) as DeliveryResult;
}

/** Connections side by side, the texts of each in order. Streams never flow through a gateway: no events. */
async function deliverToGateway(
  client: ApiGatewayManagementApiClient,
  { posts }: PushBatch,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const ids = [...new Set(posts.flatMap(({ connectionIds }) => connectionIds))];
  const there = await Promise.all(ids.map((id) => deliverToConnection(client, id, posts, signal)));
  return { gone: ids.filter((_, at) => !there[at]) };
}

/** A gateway has no close codes of ours: the `bye` tells why. */
const byeText = (reason: ByeReason): string =>
  JSON.stringify({ type: "bye", reason, retryAfterSeconds: 0 } satisfies ServerMessage);

async function deliverToConnection(
  client: ApiGatewayManagementApiClient,
  connectionId: string,
  posts: readonly ConnectionCommand[],
  abortSignal: AbortSignal,
): Promise<boolean> {
  const ConnectionId = connectionId;
  try {
    for (const command of posts) {
      if (!command.connectionIds.includes(connectionId)) continue;
      const Data = "text" in command ? command.text : byeText(command.end);
      await client.send(new PostToConnectionCommand({ ConnectionId, Data }), { abortSignal });
      if ("end" in command) await client.send(new DeleteConnectionCommand({ ConnectionId }), { abortSignal });
    }
    return true;
  } catch (error) {
    if (error instanceof GoneException) return false;
    throw error;
  }
}
