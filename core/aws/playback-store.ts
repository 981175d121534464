import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { PlaybackState } from "../contract/live.ts";
import type { PlaybackStore } from "../domain/live/protocol/ports.ts";
import { playbackSortKey } from "../domain/live/push/push-event.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/**
 * The playback row beside a user's subscriptions. What plays is one attribute, `state`: a `songId` at the top would
 * put the row into the index of subscribers.
 */
export function createPlaybackStore(database: Database): PlaybackStore {
  const { client, table } = database;
  return {
    async getMany(userIds) {
      const keys = [...new Set(userIds)].map((userId) => ({ userId, sk: playbackSortKey }));
      const rows = await batchGet(database, "subscription", keys);
      return new Map(rows.map((row) => [String(row.userId), row.state as PlaybackState]));
    },

    async take(userId, { state, connectionId }) {
      const { version } = state;
      const request = new PutCommand({
        TableName: table("subscription"),
        Item: { userId, sk: playbackSortKey, version, state, connectionId },
        ConditionExpression: version === 1 ? "attribute_not_exists(#version)" : "#version = :before",
        ExpressionAttributeNames: { "#version": "version" },
        ...(version > 1 && { ExpressionAttributeValues: { ":before": version - 1 } }),
      });
      return (await unlessRefused(client.send(request))) !== undefined;
    },
  };
}
