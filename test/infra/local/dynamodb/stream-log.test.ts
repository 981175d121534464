import { expect, onTestFinished, test } from "vitest";
import { createDynaliteStore } from "../../../../infra/local/dynamodb/dynalite.ts";
import type { Level } from "../../../../infra/local/dynamodb/level/level.ts";
import { createSequence, timeOfSequence } from "../../../../infra/local/dynamodb/sequence.ts";
import type { TableDescription } from "../../../../infra/local/dynamodb/store.ts";
import { openStreamLog, type StreamLog, shardsOf } from "../../../../infra/local/dynamodb/stream-log.ts";
import { trimStreamLog } from "../../../../infra/local/dynamodb/trim-stream-log.ts";

const table: TableDescription = {
  TableName: "items",
  TableArn: "arn:aws:dynamodb:eu-central-1:1:table/items",
  CreationDateTime: 0,
  KeySchema: [{ AttributeName: "pk", KeyType: "HASH" }],
  StreamSpecification: { StreamEnabled: true },
};

async function openDatabase(): Promise<Level> {
  const { db } = createDynaliteStore({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await db.open();
  onTestFinished(() => db.close());
  return db;
}

const appendTo = (log: StreamLog, version: number) => {
  const append = log.append(table, {
    before: undefined,
    after: { pk: { S: "a" }, version: { N: String(version) } },
  });
  if (!append) throw new Error("A change makes a record");
  return append;
};

/** The versions in the log, over all shards: the one item is in one of them. */
async function read(log: StreamLog): Promise<(string | undefined)[]> {
  const shards = await Promise.all(shardsOf("items").map((shard) => log.read(shard, "", 10)));
  return shards.flat().map(({ dynamodb }) => dynamodb?.NewImage?.version?.N);
}

test("a record is held back while an older one is still being written", async () => {
  const db = await openDatabase();
  const log = await openStreamLog(db);
  const [first, second, third] = [1, 2, 3].map((version) => appendTo(log, version));

  for (const append of [third, second]) {
    await db.batch([append?.operation ?? expect.unreachable()]);
    append?.settle();
    expect(await read(log)).toEqual([]);
  }
  await db.batch([first?.operation ?? expect.unreachable()]);
  first?.settle();
  expect(await read(log)).toEqual(["1", "2", "3"]);
});

test("a record whose write failed holds up nothing", async () => {
  const db = await openDatabase();
  const log = await openStreamLog(db);
  const [failed, written] = [1, 2].map((version) => appendTo(log, version));
  await db.batch([written?.operation ?? expect.unreachable()]);
  written?.settle();
  failed?.settle();
  expect(await read(log)).toEqual(["2"]);
});

test("records a day old are removed, of every shard and start, and no others", async () => {
  const db = await openDatabase();
  const log = await openStreamLog(db);
  const { operation } = appendTo(log, 1);
  const dayAndHour = 25 * 60 * 60 * 1000;
  const old = [1, 2].map((start) => createSequence(start, () => Date.now() - dayAndHour));
  const oldKeys = old.flatMap(({ next }) => [
    ...Array.from({ length: 300 }, () => operation.key.replace(/\d+$/, next())),
    `stream~other~3~${next()}`,
  ]);
  const young = `stream~items~7~${createSequence(1).next()}`;
  const put = (key: string) => ({ type: "put" as const, key, value: "record" });
  await db.batch([operation, ...[...oldKeys, young, "stream", "table~items"].map(put)]);

  await trimStreamLog(db, new AbortController().signal);
  const left: string[] = [];
  for await (const [key] of db.entries({})) left.push(key);
  expect(left.sort()).toEqual([operation.key, young, "stream", "stream-start", "table~items"].sort());
});

test("sequence numbers rise as text, though the clock is set back and the engine starts anew", () => {
  let now = 2_000_000_000_000;
  const first = createSequence(9, () => now);
  const numbers = [first.next(), first.next()];
  now -= 1_000_000;
  numbers.push(first.next());
  const second = createSequence(10, () => now);
  numbers.push(second.next(), second.next());

  expect(numbers).toEqual(numbers.toSorted());
  expect(new Set(numbers).size).toBe(numbers.length);
  expect(second.last()).toBe(numbers.at(-1));
  expect(timeOfSequence(numbers[0] ?? "")).toBe(2_000_000_000_000);
  expect(timeOfSequence(second.next())).toBe(now);
});
