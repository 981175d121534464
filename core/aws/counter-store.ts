import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { CounterStore } from "../domain/accounts/ports.ts";
import type { Database } from "./clients.ts";

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
  };
}
