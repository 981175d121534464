import { ConditionalCheckFailedException } from "@aws-sdk/client-dynamodb";
import { DeleteCommand, GetCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { idForm } from "../contract/common.ts";
import type { SongRecord, SongStore } from "../domain/catalogue/ports.ts";
import { DomainError } from "../domain/errors.ts";
import { batchGet } from "./batch-get.ts";
import type { Database } from "./clients.ts";
import { querySongs } from "./song-lists.ts";
import { toRow, toSongRecord } from "./song-row.ts";

const idPattern = new RegExp(idForm.pattern);

/** The engine refuses empty keys and long ones, and the table has rows that are no songs (`upload#…`). */
const isSongId = (songId: string): boolean => idPattern.test(songId) && songId.length <= idForm.maxLength;

/** The songs of the table `music`. */
export function createSongStore(database: Database): SongStore {
  const { client, table } = database;
  const TableName = table("music");
  return {
    async get(songId) {
      if (!isSongId(songId)) return undefined;
      const { Item } = await client.send(
        new GetCommand({ TableName, Key: { songId }, ConsistentRead: true }),
      );
      return toSongRecord(Item);
    },

    async getMany(songIds) {
      const rows = await batchGet(
        database,
        "music",
        [...new Set(songIds.filter(isSongId))].map((songId) => ({ songId })),
      );
      const records = rows.flatMap((row) => toSongRecord(row) ?? []);
      const found = new Map(records.map((record) => [record.songId, record]));
      return songIds.flatMap((songId) => found.get(songId) ?? []);
    },

    list: (filter, limit, after) => querySongs({ client, TableName }, filter, limit, after),

    async listAlbum(albumId) {
      const records: SongRecord[] = [];
      let after: string | undefined;
      do {
        const slice = await querySongs({ client, TableName }, { albumId }, 200, after);
        records.push(...slice.records);
        after = slice.next;
      } while (after !== undefined);
      return records;
    },

    async put(record) {
      const isNew = record.version === 1;
      const request = new PutCommand({
        TableName,
        Item: toRow(record),
        ConditionExpression: isNew ? "attribute_not_exists(#songId)" : "#version = :before",
        ExpressionAttributeNames: isNew ? { "#songId": "songId" } : { "#version": "version" },
        ...(!isNew && { ExpressionAttributeValues: { ":before": record.version - 1 } }),
      });
      await client.send(request).catch(conflictWhenRefused);
    },

    async delete(songId) {
      const { Attributes } = await client.send(
        new DeleteCommand({ TableName, Key: { songId }, ReturnValues: "ALL_OLD" }),
      );
      const record = toSongRecord(Attributes);
      if (!record) throw new DomainError("not-found", "There is no such song");
      return record;
    },
  };
}

function conflictWhenRefused(error: unknown): never {
  if (error instanceof ConditionalCheckFailedException) throw new DomainError("conflict");
  throw error;
}
