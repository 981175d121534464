import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { unmarshall } from "@aws-sdk/util-dynamodb";
import { toSongRecord } from "../../../core/aws/song-row.ts";
import { songPrefix } from "../../../core/aws/subscription-row.ts";
import { physicalTableName, type TableName } from "../../../core/aws/tables.ts";
import type { SongRecord } from "../../../core/domain/catalogue/ports.ts";
import { type HeadRow, headSortKey } from "../../../core/domain/subscriptions/head.ts";
import type { Row } from "../backup/tables-stream.ts";

export type StoredRow<T> = { readonly key: string; readonly item: T };

/** A song's row in a list, and how it came to its state. */
export type ListRow = { readonly songId: string; readonly revision: number; readonly removed: boolean };

/** The rows of one user in the table `subscription`. */
export type List = {
  readonly userId: string;
  readonly head: StoredRow<HeadRow> | undefined;
  readonly rows: readonly ListRow[];
};

export type Library = {
  readonly songs: readonly StoredRow<SongRecord>[];
  /** The object of the search index, where there is one. */
  readonly searchKey: string | undefined;
  /** What is wrong with each list that was passed to `onList`. */
  readonly lists: number;
};

/** Reads songs and lists from the rows of the database below the tables. Lists come one after the other, whole. */
export async function readLibrary(
  rows: AsyncIterable<Row>,
  tablePrefix: string,
  onList: (list: List) => void,
): Promise<Library> {
  const itemsOf = (table: TableName) => `item-${physicalTableName(tablePrefix, table)}~`;
  const [music, subscription] = [itemsOf("music"), itemsOf("subscription")];
  const songs: StoredRow<SongRecord>[] = [];
  let searchKey: string | undefined;
  let lists = 0;
  let list: { userId: string; head: List["head"]; rows: ListRow[] } | undefined;

  const endList = () => {
    if (list) onList(list);
    if (list) lists += 1;
    list = undefined;
  };

  function addToList(key: string, row: Record<string, unknown>): void {
    const userId = String(row.userId);
    if (list?.userId !== userId) endList();
    list ??= { userId, head: undefined, rows: [] };
    const sk = String(row.sk);
    if (sk === headSortKey) list.head = { key, item: row as HeadRow };
    if (sk.startsWith(songPrefix))
      list.rows.push({
        songId: sk.slice(songPrefix.length),
        revision: Number(row.revision),
        removed: row.removed === true,
      });
  }

  for await (const [key, value] of rows) {
    if (!key.startsWith(music) && !key.startsWith(subscription)) continue;
    const row = unmarshall(value as Record<string, AttributeValue>);
    if (key.startsWith(subscription)) addToList(key, row);
    else if (row.songId === "index#search") searchKey = row.objectKey as string | undefined;
    else {
      const song = toSongRecord(row);
      if (song) songs.push({ key, item: song });
    }
  }
  endList();
  return { songs, searchKey, lists };
}
