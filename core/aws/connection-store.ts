import { DeleteCommand, GetCommand, QueryCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import type { ConnectionStore, RowWrite } from "../domain/live/cluster/ports.ts";
import type { Clock } from "../domain/ports.ts";
import { batchWrite, type WriteRequest } from "./batch-write.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { fromLiveRow, toLiveRow, toPosition, toUserConnections } from "./connection-row.ts";
import { endpointPartition } from "./endpoint-store.ts";
import { queryRows } from "./query-all.ts";

/** The live connections and streaming devices of the table `connection`. */
export function createConnectionStore(database: Database, clock: Clock): ConnectionStore {
  const { client, table } = database;
  const TableName = table("connection");
  return {
    writeMany: (writes) => batchWrite(database, "connection", writes.map(toRequest)),

    async get({ userId, connectionId }) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { userId, connectionId }, ConsistentRead: true }),
      );
      return fromLiveRow(Item, clock.now());
    },

    async ofUser(userId) {
      const rows = await queryRows(client, {
        TableName,
        KeyConditionExpression: "#userId = :userId",
        ExpressionAttributeNames: { "#userId": "userId" },
        ExpressionAttributeValues: { ":userId": userId },
        ConsistentRead: true,
      });
      return toUserConnections(rows, clock.now());
    },

    async deleteUnchanged({ userId, connectionId, stamp }) {
      const request = new DeleteCommand({
        TableName,
        Key: { userId, connectionId },
        ConditionExpression: "#stamp = :stamp",
        ExpressionAttributeNames: { "#stamp": "stamp" },
        ExpressionAttributeValues: { ":stamp": stamp },
      });
      await unlessRefused(client.send(request));
    },

    async ofEndpoint(endpointId, limit, after) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: "byEndpoint",
          KeyConditionExpression: "#endpointId = :endpointId",
          ExpressionAttributeNames: { "#endpointId": "endpointId" },
          ExpressionAttributeValues: { ":endpointId": endpointId },
          Limit: limit,
          ...(after && { ExclusiveStartKey: { ...after, endpointId } }),
        }),
      );
      const rows = Items.flatMap((row) => fromLiveRow(row, clock.now()) ?? []);
      return { rows, ...toPosition(LastEvaluatedKey) };
    },

    async find(endpointId, connectionId) {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName,
          IndexName: "byEndpoint",
          KeyConditionExpression: "#endpointId = :endpointId and #connectionId = :connectionId",
          ExpressionAttributeNames: { "#endpointId": "endpointId", "#connectionId": "connectionId" },
          ExpressionAttributeValues: { ":endpointId": endpointId, ":connectionId": connectionId },
        }),
      );
      return fromLiveRow(Items[0], clock.now());
    },

    async scan(limit, after) {
      const { Items = [], LastEvaluatedKey } = await client.send(
        new ScanCommand({ TableName, Limit: limit, ...(after && { ExclusiveStartKey: after }) }),
      );
      const ofUsers = Items.filter(({ userId }) => userId !== endpointPartition);
      const users = Map.groupBy(ofUsers, ({ userId }) => String(userId));
      return {
        users: new Map([...users].map(([userId, rows]) => [userId, toUserConnections(rows, clock.now())])),
        ...toPosition(LastEvaluatedKey),
      };
    },
  };
}

const toRequest = (write: RowWrite): WriteRequest =>
  write.op === "put"
    ? { PutRequest: { Item: toLiveRow(write.row) } }
    : { DeleteRequest: { Key: { userId: write.key.userId, connectionId: write.key.connectionId } } };
