import { afterAll, beforeAll, expect, it } from "vitest";
import { createStore, runOperation, type Store } from "../../../../infra/local/dynamodb/dynalite.ts";
import { until } from "../../../support/until.ts";

let store: Store;
beforeAll(async () => {
  store = createStore({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  await store.db.open();
});
afterAll(() => store.db.close());

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

  let opened = 0;
  let closed = 0;
  const values = store.db.values.bind(store.db);
  store.db.values = (range) => {
    opened++;
    const iterator = values(range) as ReturnType<typeof values> & { close(): Promise<void> };
    const close = iterator.close.bind(iterator);
    iterator.close = () => {
      closed++;
      return close();
    };
    return iterator;
  };
  const key = { KeyConditionExpression: "artist = :a", ExpressionAttributeValues: { ":a": { S: "a" } } };
  expect(await run("Query", key)).toMatchObject({ Count: 50 });
  expect(await run("Query", { ...key, Limit: 3 })).toMatchObject({ Count: 3 });
  expect(await run("Scan", {})).toMatchObject({ Count: 50 });
  expect(await run("Scan", { Limit: 3 })).toMatchObject({ Count: 3 });
  expect(opened).toBeGreaterThanOrEqual(4);
  await until("every iterator is closed", () => closed === opened);
});
