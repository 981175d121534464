import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { SessionIdentity, TicketStore } from "../domain/accounts/ports.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/**
 * One-time tickets: rows `ticket#<hash>` of the table `session`. Whom they admit is one map, so that no index of
 * sessions sees them.
 */
export function createTicketStore({ client, table }: Database): TicketStore {
  const TableName = table("session");
  const keyOf = (hash: string) => ({ sessionId: `ticket#${hash}` });
  return {
    async create(hash, identity, expiresAt) {
      await client.send(
        new PutCommand({ TableName, Item: { ...keyOf(hash), admits: identity, ttl: expiresAt } }),
      );
    },

    async take(hash, now) {
      const request = new DeleteCommand({
        TableName,
        Key: keyOf(hash),
        ConditionExpression: "#ttl > :now",
        ExpressionAttributeNames: { "#ttl": "ttl" },
        ExpressionAttributeValues: { ":now": now },
        ReturnValues: "ALL_OLD",
      });
      const taken = await unlessRefused(client.send(request));
      return taken?.Attributes?.admits as SessionIdentity | undefined;
    },
  };
}
