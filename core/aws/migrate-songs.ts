import { GetCommand, PutCommand, paginateScan } from "@aws-sdk/lib-dynamodb";
import type { Database } from "./clients.ts";
import { unlessRefused } from "./conditional.ts";
import { songSchemaVersion, toRow, toSongRecord } from "./song-row.ts";

type Row = Record<string, unknown>;
export type MigrationOptions = {
  readonly signal: AbortSignal;
  /** Called for each row that was found to be old. */
  readonly onSong: () => void;
};

/** Rows that are written at the same time. */
const parallel = 16;

/**
 * Writes every song's row of an earlier version anew, in today's: its keys, and with them the ids of its album and artists,
 * follow from the names by today's rules. The song, its id and all that it is keep as they are. May be interrupted, repeated,
 * and run beside writers: a row that changed since it was read is read again.
 * @throws the signal's reason
 * @returns how many rows were written
 */
export async function migrateSongs(database: Database, options: MigrationOptions): Promise<number> {
  let written = 0;
  for (let refused = Number.POSITIVE_INFINITY; refused > 0; ) {
    const pass = await migrateOnce(database, options);
    written += pass.written;
    refused = pass.refused;
  }
  await putMarker(database);
  return written;
}

async function migrateOnce(database: Database, { signal, onSong }: MigrationOptions) {
  let [written, refused] = [0, 0];
  for await (const rows of oldRows(database)) {
    const next = async (): Promise<void> => {
      for (let row = rows.pop(); row && !signal.aborted; row = rows.pop()) {
        if (await migrateRow(database, row)) written += 1;
        else refused += 1;
        onSong();
      }
    };
    await Promise.all(Array.from({ length: parallel }, next));
    signal.throwIfAborted();
  }
  return { written, refused };
}

async function* oldRows({ client, table }: Database): AsyncGenerator<Row[]> {
  const scan = {
    TableName: table("music"),
    ConsistentRead: true,
    FilterExpression: `#kind = :song AND ${isOld}`,
    ExpressionAttributeNames: { "#kind": "kind", "#schemaVersion": "schemaVersion" },
    ExpressionAttributeValues: { ":song": "song", ":current": songSchemaVersion },
  };
  for await (const { Items = [] } of paginateScan({ client }, scan)) yield Items;
}

const isOld = "(attribute_not_exists(#schemaVersion) OR #schemaVersion < :current)";

/** The version that corrections count stays: what is corrected meanwhile is no conflict. @returns whether it was still so */
async function migrateRow({ client, table }: Database, row: Row): Promise<boolean> {
  const record = toSongRecord(row);
  if (!record) return true;
  const put = new PutCommand({
    TableName: table("music"),
    Item: toRow(record),
    ConditionExpression: `#version = :version AND ${isOld}`,
    ExpressionAttributeNames: { "#version": "version", "#schemaVersion": "schemaVersion" },
    ExpressionAttributeValues: { ":version": record.version, ":current": songSchemaVersion },
  });
  return (await unlessRefused(client.send(put))) !== undefined;
}

/** The row of `music` that says to which version all songs have been brought. */
const markerKey = { songId: "schema#songs" };

async function putMarker({ client, table }: Database): Promise<void> {
  const Item = { ...markerKey, schemaVersion: songSchemaVersion };
  await client.send(new PutCommand({ TableName: table("music"), Item }));
}

/** Whether a migration to today's version has come to its end. */
export async function songsAreMigrated({ client, table }: Database): Promise<boolean> {
  const { Item } = await client.send(
    new GetCommand({ TableName: table("music"), Key: markerKey, ConsistentRead: true }),
  );
  return Number(Item?.schemaVersion ?? 0) >= songSchemaVersion;
}
