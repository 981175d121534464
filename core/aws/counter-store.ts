import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { CounterStore } from "../domain/shared/counter-store.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/** Counters of tries: rows `tries#<key>` of the table `session`. */
export function createCounterStore({ client, table }: Database): CounterStore {
  const TableName = table("session");
  return {
    async add(key, amount, expiresAt) {
      const { Attributes } = await client.send(
        new UpdateCommand({
          TableName,
          Key: { sessionId: `tries#${key}` },
          UpdateExpression: "ADD #count :amount SET #ttl = :expiresAt",
          ExpressionAttributeNames: { "#count": "count", "#ttl": "ttl" },
          ExpressionAttributeValues: { ":amount": amount, ":expiresAt": expiresAt },
          ReturnValues: "UPDATED_NEW",
        }),
      );
      return Number(Attributes?.count);
    },

    async take(key, limit, expiresAt) {
      const update = new UpdateCommand({
        TableName,
        Key: { sessionId: `tries#${key}` },
        UpdateExpression: "ADD #count :one SET #ttl = :expiresAt",
        ConditionExpression: "attribute_not_exists(#count) OR #count < :limit",
        ExpressionAttributeNames: { "#count": "count", "#ttl": "ttl" },
        ExpressionAttributeValues: { ":one": 1, ":limit": limit, ":expiresAt": expiresAt },
      });
      return (await unlessRefused(client.send(update))) !== undefined;
    },

    async giveBack(key) {
      const update = new UpdateCommand({
        TableName,
        Key: { sessionId: `tries#${key}` },
        UpdateExpression: "ADD #count :minusOne",
        ConditionExpression: "#count > :zero",
        ExpressionAttributeNames: { "#count": "count" },
        ExpressionAttributeValues: { ":minusOne": -1, ":zero": 0 },
      });
      await unlessRefused(client.send(update));
    },
  };
}
