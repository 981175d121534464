import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { toSongRecord } from "../../../core/aws/song-row.ts";
import { physicalTableName } from "../../../core/aws/tables.ts";
import { objectKeysOf } from "../../../core/domain/catalogue/record.ts";
import type { Row } from "./tables-stream.ts";

/** Tells which objects a row of the database below the tables names. Search indexes are none: they are made anew. */
export function createObjectNames(tablePrefix: string): (row: Row) => readonly string[] {
  const songs = `item-${physicalTableName(tablePrefix, "music")}~`;
  return ([key, value]) => {
    if (!key.startsWith(songs)) return [];
    const record = toSongRecord(unmarshall(value as Record<string, AttributeValue>));
    if (!record) return [];
    return [...new Set([...objectKeysOf(record), ...(record.cover ? [record.cover.key] : [])])];
  };
}
