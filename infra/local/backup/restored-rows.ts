import { ulid } from "ulid";
import { physicalTableName } from "../../../core/aws/tables.ts";
import { headSortKey } from "../../../core/domain/subscriptions/head.ts";
import { markKey } from "../rollback-mark.ts";
import type { Row } from "./tables-stream.ts";

/** The attributes that are looked at, as DynamoDB's JSON has them. */
type Item = Readonly<Record<string, { readonly S?: string } | undefined>>;

/**
 * What becomes of a row of the database below the tables when it is restored:
 * - every user's head gets a new epoch, so that devices that know later revisions take the restored list;
 * - rows of connections and processes are left out, of which none is alive;
 * - sessions are left out where everybody is to sign in again;
 * - so is the mark by which a start finds that tables went back: a restored folder is a new one.
 *
 * @returns undefined for a row that is left out
 */
export function createRestoredRows(options: {
  readonly tablePrefix: string;
  readonly endSessions: boolean;
}): (row: Row) => Row | undefined {
  const name = (table: Parameters<typeof physicalTableName>[1]) =>
    physicalTableName(options.tablePrefix, table);
  const leftOut = [name("connection"), ...(options.endSessions ? [name("session")] : [])];
  // Of a table, and of its indexes (dynalite's keys).
  const prefixes = leftOut.flatMap((table) => [
    `item-${table}~`,
    `index-global~${table}~`,
    `index-local~${table}~`,
  ]);
  const [heads, marks] = [`item-${name("subscription")}~`, `item-${name("audit")}~`];
  return ([key, value]) => {
    if (prefixes.some((prefix) => key.startsWith(prefix))) return undefined;
    const item = value as Item;
    if (key.startsWith(marks) && item.day?.S === markKey.day) return undefined;
    if (!key.startsWith(heads) || item.sk?.S !== headSortKey) return [key, value];
    return [key, { ...item, epoch: { S: ulid() } }];
  };
}
