import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, it } from "vitest";
import { createDynaliteStore, runOperation } from "../../../../infra/local/dynamodb/dynalite.ts";
import { createHandle, type Handle } from "../../../../infra/local/dynamodb/level/handle.ts";
import type { DynamoStore } from "../../../../infra/local/dynamodb/store.ts";
import { until } from "../../../support/until.ts";

let store: DynamoStore;
let opened = 0;
let closed = 0;

/** LevelDB in a folder, whose iterators are counted. */
function createCounted(folder: string): Handle {
  const handle = createHandle(folder);
  return {
    ...handle,
    iterate: (range) => {
      opened++;
      const iterator = handle.iterate(range);
      const close = async () => {
        closed++;
        await iterator.close();
      };
      return { nextv: (size) => iterator.nextv(size), close };
    },
  };
}

beforeAll(async () => {
  const path = await mkdtemp(join(tmpdir(), "encore-iterators-"));
  store = createDynaliteStore(
    { path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 },
    { create: createCounted },
  );
  await store.db.open();
  return async () => {
    await store.db.close();
    await rm(path, { recursive: true, force: true });
  };
});

const run = (operation: string, input: object) =>
  runOperation(store, operation, { TableName: "music", ...input });

it("Queries and scans leave no iterator open in LevelDB, whether they read to the end or not", async () => {
  await run("CreateTable", {
    AttributeDefinitions: ["artist", "title"].map((AttributeName) => ({ AttributeName, AttributeType: "S" })),
    KeySchema: [
      { AttributeName: "artist", KeyType: "HASH" },
      { AttributeName: "title", KeyType: "RANGE" },
    ],
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  });
  const isActive = async () =>
    JSON.stringify(await run("DescribeTable", {})).includes('"TableStatus":"ACTIVE"');
  await until("the table is there", isActive);
  for (let at = 0; at < 50; at++)
    await run("PutItem", { Item: { artist: { S: "a" }, title: { S: `${at}` } } });

  opened = 0;
  closed = 0;
  const key = { KeyConditionExpression: "artist = :a", ExpressionAttributeValues: { ":a": { S: "a" } } };
  expect(await run("Query", key)).toMatchObject({ Count: 50 });
  expect(await run("Query", { ...key, Limit: 3 })).toMatchObject({ Count: 3 });
  expect(await run("Scan", {})).toMatchObject({ Count: 50 });
  expect(await run("Scan", { Limit: 3 })).toMatchObject({ Count: 3 });
  expect(opened).toBeGreaterThanOrEqual(4);
  await until("every iterator is closed", () => closed === opened);
});
