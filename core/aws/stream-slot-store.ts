import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { slotsFromRow, slotsSortKey, slotsToRow } from "../domain/entitlement/slots-row.ts";
import type { StreamSlotStore } from "../domain/entitlement/stream-slots.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/** The stream slots of a user: one row in `connection`, written on condition of its version. */
export function createStreamSlotStore({ client, table }: Database): StreamSlotStore {
  const TableName = table("connection");
  return {
    async read(userId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { userId, connectionId: slotsSortKey }, ConsistentRead: true }),
      );
      return slotsFromRow(Item);
    },

    async write(userId, slots) {
      const { version } = slots;
      const request = new PutCommand({
        TableName,
        Item: slotsToRow(userId, slots),
        ConditionExpression: version === 1 ? "attribute_not_exists(#version)" : "#version = :before",
        ExpressionAttributeNames: { "#version": "version" },
        ...(version > 1 && { ExpressionAttributeValues: { ":before": version - 1 } }),
      });
      return (await unlessRefused(client.send(request))) !== undefined;
    },
  };
}
