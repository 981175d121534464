import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import type { StreamPlace } from "../domain/live/ports.ts";
import type { PlaceStore } from "../domain/streaming/places.ts";
import type { Database } from "./clients.ts";

/** The sort key of a user's row of streaming devices in `connection`. */
export const placesKey = "streams";

/** One row a user in `connection`: a map of places by session, written on condition of its version. */
export function createPlaceStore({ client, table }: Database): PlaceStore {
  const TableName = table("connection");
  return {
    async read(userId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { userId, connectionId: placesKey }, ConsistentRead: true }),
      );
      const places = (Item?.places ?? {}) as Record<string, StreamPlace>;
      return { version: Number(Item?.version ?? 0), bySession: new Map(Object.entries(places)) };
    },

    async write(userId, { version, bySession }) {
      const request = new PutCommand({
        TableName,
        Item: { userId, connectionId: placesKey, version, places: Object.fromEntries(bySession) },
        ConditionExpression: version === 1 ? "attribute_not_exists(#version)" : "#version = :before",
        ExpressionAttributeNames: { "#version": "version" },
        ...(version > 1 && { ExpressionAttributeValues: { ":before": version - 1 } }),
      });
      try {
        await client.send(request);
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw error;
      }
    },
  };
}
