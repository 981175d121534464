import { GetCommand, PutCommand, type PutCommandInput } from "@aws-sdk/lib-dynamodb";
import { type Head, headSortKey } from "../domain/subscriptions/head.ts";
import type { SubscriptionStore } from "../domain/subscriptions/ports.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { queryAll } from "./query-all.ts";
import { createSubscriptionCloser } from "./subscription-closer.ts";
import { headKey, songKey, songPrefix, toChange, toHead, toSongRow } from "./subscription-row.ts";

/** Heads and song rows of the table `subscription`; what each operation promises says the port. */
export function createSubscriptionStore(database: Database): SubscriptionStore {
  const { client, table } = database;
  const TableName = table("subscription");

  const put = async (Item: Record<string, unknown>, condition: Omit<PutCommandInput, "TableName" | "Item">) =>
    (await unlessRefused(client.send(new PutCommand({ TableName, Item, ...condition })))) !== undefined;

  /** Where the head still is the one before. */
  const replaceHead = (next: Head, before: { readonly revision: number; readonly epoch: string }) =>
    put(
      { ...next, sk: headSortKey },
      {
        ConditionExpression: "#headRevision = :before AND #epoch = :epoch AND attribute_not_exists(#closed)",
        ExpressionAttributeNames: {
          "#headRevision": "headRevision",
          "#epoch": "epoch",
          "#closed": "closed",
        },
        ExpressionAttributeValues: { ":before": before.revision, ":epoch": before.epoch },
      },
    );

  const query = (
    userId: string,
    range: { condition: string; names: Record<string, string>; values: Record<string, unknown> },
    options: { IndexName?: string; Limit?: number; ExclusiveStartKey?: Record<string, unknown> },
  ) =>
    queryAll(client, {
      TableName,
      ConsistentRead: true,
      KeyConditionExpression: `#userId = :userId AND ${range.condition}`,
      ExpressionAttributeNames: { "#userId": "userId", ...range.names },
      ExpressionAttributeValues: { ":userId": userId, ...range.values },
      ...options,
    });

  async function head(userId: string): Promise<Head | undefined> {
    const { Item } = await client.send(
      new GetCommand({ TableName, Key: headKey(userId), ConsistentRead: true }),
    );
    return Item && toHead(Item);
  }

  return {
    head,

    heads: async (userIds) => (await batchGet(database, "subscription", userIds.map(headKey))).map(toHead),

    async createHead(first) {
      const created = await put(
        { ...first, sk: headSortKey },
        {
          ConditionExpression: "attribute_not_exists(#userId)",
          ExpressionAttributeNames: { "#userId": "userId" },
        },
      );
      return created ? first : ((await head(first.userId)) ?? first);
    },

    commit: (next) => replaceHead(next, { revision: next.headRevision - 1, epoch: next.epoch }),
    renew: (next, before) => replaceHead(next, { revision: next.headRevision, epoch: before }),

    async songs(userId, songIds) {
      const keys = songIds.map((songId) => songKey(userId, songId));
      return (await batchGet(database, "subscription", keys)).map(toChange);
    },

    async writeSong(userId, change) {
      await put(toSongRow(userId, change), {
        ConditionExpression: "attribute_not_exists(#revision) OR #revision < :revision",
        ExpressionAttributeNames: { "#revision": "revision" },
        ExpressionAttributeValues: { ":revision": change.revision },
      });
    },

    async *songsAfter(userId, songId, pageSize) {
      const range = {
        condition: "begins_with(#sk, :songs)",
        names: { "#sk": "sk" },
        values: { ":songs": songPrefix },
      };
      const start = songId === "" ? {} : { ExclusiveStartKey: songKey(userId, songId) };
      for await (const row of query(userId, range, { Limit: pageSize, ...start })) yield toChange(row);
    },

    async *changesSince(userId, revision, pageSize) {
      const range = {
        condition: "#revision > :revision",
        names: { "#revision": "revision" },
        values: { ":revision": revision },
      };
      for await (const row of query(userId, range, { IndexName: "byRevision", Limit: pageSize }))
        yield toChange(row);
    },

    ...createSubscriptionCloser(database),
  };
}
