import { setTimeout as wait } from "node:timers/promises";
import type { Level } from "./level/level.ts";
import { refusal } from "./refusal.ts";
import type { Action, Item, Run, Schema, TableDescription } from "./store.ts";

/** Which attribute tells when a table's rows expire, in seconds since the epoch. */
type Setting = { readonly attribute: string };

const settingKey = (table: string): string => `ttl~${table}`;
const settings = { gt: "ttl~", lt: "ttl~\x7f" };

/** DynamoDB leaves rows alone that seem to have expired longer ago. */
const maxAgeSeconds = 5 * 366 * 24 * 60 * 60;
const pageSize = 100;
/** Between pages, so that requests go first. */
const pauseMs = 20;

const tableName = { type: "String", required: true, tableName: true, regex: "[a-zA-Z0-9_.-]+" };

/** What dynalite lacks: setting a table's time to live, and describing it. */
export const timeToLiveOperations: Readonly<Record<string, { action: Action; schema: Schema }>> = {
  UpdateTimeToLive: {
    schema: {
      types: {
        TableName: tableName,
        TimeToLiveSpecification: {
          type: "FieldStruct<TimeToLiveSpecification>",
          children: { AttributeName: "String", Enabled: "Boolean" },
        },
      },
    },
    action: (store, data, done) => {
      const table = data.TableName as string;
      const specification = (data.TimeToLiveSpecification ?? {}) as Record<string, unknown>;
      store.getTable(table, false, (error) => {
        if (error) return done(error);
        update(store.db, table, specification).then(
          () => done(null, { TimeToLiveSpecification: specification }),
          done,
        );
      });
    },
  },
  DescribeTimeToLive: {
    schema: { types: { TableName: tableName } },
    action: (store, data, done) => {
      const table = data.TableName as string;
      store.getTable(table, false, (error) => {
        if (error) return done(error);
        read(store.db, table).then(
          (setting) =>
            done(null, {
              TimeToLiveDescription: setting
                ? { TimeToLiveStatus: "ENABLED", AttributeName: setting.attribute }
                : { TimeToLiveStatus: "DISABLED" },
            }),
          done,
        );
      });
    },
  },
};

const read = async (db: Level, table: string): Promise<Setting | undefined> =>
  (await db.get(settingKey(table))) as Setting | undefined;

async function update(db: Level, table: string, specification: Record<string, unknown>): Promise<void> {
  const { AttributeName: attribute, Enabled: enabled } = specification;
  if (typeof attribute !== "string" || attribute === "" || typeof enabled !== "boolean")
    throw refusal("ValidationException", "TimeToLiveSpecification needs AttributeName and Enabled");
  if (((await read(db, table)) !== undefined) === enabled)
    throw refusal("ValidationException", `TimeToLive is already ${enabled ? "enabled" : "disabled"}`);
  const key = settingKey(table);
  await db.batch([enabled ? { type: "put", key, value: { attribute } } : { type: "del", key }]);
}

/**
 * Removes the rows whose time to live has passed, as DynamoDB does in the background: each by a write of its own, with
 * a stream record, unless its time was changed meanwhile.
 * @throws what the database throws; what is left is for the next time
 */
export async function removeExpired(db: Level, run: Run, signal: AbortSignal): Promise<void> {
  for await (const [key, setting] of db.entries(settings)) {
    const table = key.slice(settings.gt.length);
    await sweepTable(db, run, table, (setting as Setting).attribute, signal);
  }
}

async function sweepTable(
  db: Level,
  run: Run,
  table: string,
  attribute: string,
  signal: AbortSignal,
): Promise<void> {
  const description = (await db.get(`table~${table}`)) as TableDescription | undefined;
  if (!description) return;
  const prefix = `item-${table}~`;
  for (let from: string | undefined = prefix; from !== undefined && !signal.aborted; ) {
    const page: [string, unknown][] = [];
    for await (const entry of db.entries({ gt: from, lt: `${prefix}\xff`, limit: pageSize }))
      page.push(entry);
    for (const [, item] of page)
      if (hasExpired(item as Item, attribute)) await remove(run, description, item as Item, attribute);
    from = page.length === pageSize ? page.at(-1)?.[0] : undefined;
    if (from !== undefined) await wait(pauseMs, undefined, { signal }).catch(() => {});
  }
}

function hasExpired(item: Item, attribute: string): boolean {
  const expiresAt = Number(item[attribute]?.N);
  const now = Date.now() / 1000;
  return expiresAt <= now && expiresAt > now - maxAgeSeconds;
}

async function remove(run: Run, table: TableDescription, item: Item, attribute: string): Promise<void> {
  const Key = Object.fromEntries(
    table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
  );
  try {
    await run("DeleteItem", {
      TableName: table.TableName,
      Key,
      ConditionExpression: "#ttl = :seen",
      ExpressionAttributeNames: { "#ttl": attribute },
      ExpressionAttributeValues: { ":seen": item[attribute] },
    });
  } catch (error) {
    // It was changed since it was read, or is gone.
    if (
      !String((error as { body?: { __type?: string } }).body?.__type).endsWith(
        "ConditionalCheckFailedException",
      )
    )
      throw error;
  }
}
