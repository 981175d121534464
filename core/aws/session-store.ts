import { DeleteCommand, GetCommand, PutCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import type { SessionRecord, SessionStore } from "../domain/accounts/ports.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { queryRows } from "./query-all.ts";
import { setFields } from "./update-expression.ts";

/**
 * A row of the table `session` as a session, also one from its stream; undefined for the tickets and counters
 * that live there under keys of their own (`ticket#…`, `tries#…`).
 */
const toSession = (row: Record<string, unknown> | undefined): SessionRecord | undefined =>
  row && !String(row.sessionId).includes("#") ? (row as SessionRecord) : undefined;

/** The sessions of the table `session`. */
export function createSessionStore(database: Database): SessionStore {
  const { client, table } = database;
  const TableName = table("session");

  /** Changes fields of a row that is there and whose attribute has a value; false where not. */
  async function change(sessionId: string, changes: object, [name, value]: [string, string]) {
    const { ExpressionAttributeNames, ExpressionAttributeValues, UpdateExpression } = setFields({
      ...changes,
    });
    const update = new UpdateCommand({
      TableName,
      Key: { sessionId },
      UpdateExpression,
      ConditionExpression: "#expected = :expected",
      ExpressionAttributeNames: { ...ExpressionAttributeNames, "#expected": name },
      ExpressionAttributeValues: { ...ExpressionAttributeValues, ":expected": value },
    });
    return (await unlessRefused(client.send(update))) !== undefined;
  }

  return {
    async get(sessionId) {
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { sessionId }, ConsistentRead: true }),
      );
      return toSession(Item);
    },

    async getMany(sessionIds) {
      const keys = [...new Set(sessionIds)].map((sessionId) => ({ sessionId }));
      return (await batchGet(database, "session", keys)).flatMap((row) => toSession(row) ?? []);
    },

    async create(session) {
      await client.send(new PutCommand({ TableName, Item: session }));
    },

    rotate: (sessionId, refreshHash, rotation) => change(sessionId, rotation, ["refreshHash", refreshHash]),

    setPasswordVersion: (sessionId, passwordVersion) =>
      change(sessionId, { passwordVersion }, ["sessionId", sessionId]),

    async delete(sessionId) {
      await client.send(new DeleteCommand({ TableName, Key: { sessionId } }));
    },

    async idsOfUser(userId) {
      const rows = await queryRows(client, {
        TableName,
        IndexName: "byUser",
        KeyConditionExpression: "#userId = :userId",
        ExpressionAttributeNames: { "#userId": "userId", "#sessionId": "sessionId" },
        ExpressionAttributeValues: { ":userId": userId },
        ProjectionExpression: "#sessionId",
      });
      return rows.map((row) => String(row.sessionId));
    },
  };
}
