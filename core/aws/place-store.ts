import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { StreamPlace } from "../domain/live/cluster/ports.ts";
import { placesSortKey } from "../domain/live/push/push-event.ts";
import type { Displacement, PlaceStore } from "../domain/streaming/places.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";

/** One row a user in `connection`: a map of places by session, written on condition of its version. */
export function createPlaceStore({ client, table }: Database): PlaceStore {
  const TableName = table("connection");
  return {
    async read(userId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { userId, connectionId: placesSortKey }, ConsistentRead: true }),
      );
      const places = (Item?.places ?? {}) as Record<string, StreamPlace>;
      const displaced = (Item?.displaced ?? {}) as Record<string, Displacement>;
      return {
        version: Number(Item?.version ?? 0),
        bySession: new Map(Object.entries(places)),
        displaced: new Map(Object.entries(displaced)),
      };
    },

    async write(userId, { version, bySession, displaced }) {
      const request = new PutCommand({
        TableName,
        Item: {
          userId,
          connectionId: placesSortKey,
          version,
          places: Object.fromEntries(bySession),
          displaced: Object.fromEntries(displaced),
        },
        ConditionExpression: version === 1 ? "attribute_not_exists(#version)" : "#version = :before",
        ExpressionAttributeNames: { "#version": "version" },
        ...(version > 1 && { ExpressionAttributeValues: { ":before": version - 1 } }),
      });
      return (await unlessRefused(client.send(request))) !== undefined;
    },
  };
}
