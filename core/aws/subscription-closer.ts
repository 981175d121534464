import { UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { headSortKey } from "../domain/subscriptions/head.ts";
import type { SubscriptionStore } from "../domain/subscriptions/ports.ts";
import { batchWrite, type WriteRequest } from "./batch-write.ts";
import type { Database } from "./clients.ts";
import { queryAll } from "./query-all.ts";
import { headKey } from "./subscription-row.ts";

/** The end of an account's rows in the table `subscription`. */
export function createSubscriptionCloser(
  database: Database,
): Pick<SubscriptionStore, "close" | "deleteRows"> {
  const { client, table } = database;
  const TableName = table("subscription");
  return {
    async close({ userId, epoch, headRevision, count, changeIds }, expiresAt) {
      await client.send(
        new UpdateCommand({
          TableName,
          Key: headKey(userId),
          UpdateExpression:
            "SET #closed = :true, #ttl = :ttl, #count = :count, #changeIds = :changeIds, " +
            "#epoch = if_not_exists(#epoch, :epoch), " +
            "#headRevision = if_not_exists(#headRevision, :headRevision) REMOVE #last",
          ExpressionAttributeNames: namesOf(
            "closed",
            "ttl",
            "count",
            "changeIds",
            "epoch",
            "headRevision",
            "last",
          ),
          ExpressionAttributeValues: {
            ":true": true,
            ":ttl": Math.ceil(expiresAt.getTime() / 1000),
            ":count": count,
            ":changeIds": changeIds,
            ":epoch": epoch,
            ":headRevision": headRevision,
          },
        }),
      );
    },

    async deleteRows(userId) {
      const requests: WriteRequest[] = [];
      const rows = queryAll(client, {
        TableName,
        ConsistentRead: true,
        KeyConditionExpression: "#userId = :userId",
        ProjectionExpression: "#userId, #sk",
        ExpressionAttributeNames: namesOf("userId", "sk"),
        ExpressionAttributeValues: { ":userId": userId },
      });
      for await (const Key of rows) if (Key.sk !== headSortKey) requests.push({ DeleteRequest: { Key } });
      await batchWrite(database, "subscription", requests);
    },
  };
}

/** Placeholders of the same names, since several of them are words of DynamoDB's own. */
const namesOf = (...attributes: string[]): Record<string, string> =>
  Object.fromEntries(attributes.map((name) => [`#${name}`, name]));
