import { DeleteCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { Endpoint, EndpointStore } from "../domain/live/cluster/ports.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { queryRows } from "./query-all.ts";

/** The partition of `connection` that holds the endpoints; no user has this id. */
export const endpointPartition = "endpoint";

/** The endpoints' rows have no attribute `endpointId`, which keeps them out of the index of connections. */
export function createEndpointStore({ client, table }: Database): EndpointStore {
  const TableName = table("connection");
  const keyOf = (endpointId: string) => ({ userId: endpointPartition, connectionId: endpointId });
  return {
    async put({ endpointId, ...endpoint }) {
      await client.send(new PutCommand({ TableName, Item: { ...keyOf(endpointId), ...endpoint } }));
    },

    async renew(endpointId, leaseUntil) {
      const request = new UpdateCommand({
        TableName,
        Key: keyOf(endpointId),
        UpdateExpression: "SET #leaseUntil = :leaseUntil",
        ConditionExpression: "attribute_exists(#leaseUntil)",
        ExpressionAttributeNames: { "#leaseUntil": "leaseUntil" },
        ExpressionAttributeValues: { ":leaseUntil": leaseUntil },
      });
      return (await unlessRefused(client.send(request))) !== undefined;
    },

    async list() {
      const rows = await queryRows(client, {
        TableName,
        KeyConditionExpression: "#userId = :endpoint",
        ExpressionAttributeNames: { "#userId": "userId" },
        ExpressionAttributeValues: { ":endpoint": endpointPartition },
        ConsistentRead: true,
      });
      return rows.map(toEndpoint);
    },

    async delete(endpointId) {
      await client.send(new DeleteCommand({ TableName, Key: keyOf(endpointId) }));
    },
  };
}

function toEndpoint({ userId: _, connectionId, ...endpoint }: Record<string, unknown>): Endpoint {
  return { ...endpoint, endpointId: connectionId } as Endpoint;
}
