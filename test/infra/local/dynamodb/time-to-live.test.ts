import {
  DescribeTimeToLiveCommand,
  UpdateTimeToLiveCommand,
  type UpdateTimeToLiveCommandInput,
} from "@aws-sdk/client-dynamodb";
import { PutCommand, ScanCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { startDynamoDb } from "../../../../infra/local/dynamodb/engine.ts";
import { testCredentials } from "../../../support/engine-credentials.ts";
import { until } from "../../../support/until.ts";
import { collect, createClient, createItemsTable, table } from "./harness.ts";

async function start() {
  const engine = await startDynamoDb({ credentials: testCredentials, housekeepingMs: 10 });
  const client = createClient(engine.endpoint);
  await createItemsTable(client);
  onTestFinished(async () => {
    client.destroy();
    await engine.close();
  });
  const put = (pk: string, more: object) =>
    client.send(new PutCommand({ TableName: table, Item: { pk, sk: "1", owner: pk, ...more } }));
  const scan = async (IndexName?: string) => {
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: table, ...(IndexName && { IndexName }) }),
    );
    return Items.map(({ pk }) => String(pk)).toSorted();
  };
  return { ...engine, client, put, scan };
}

const enable: UpdateTimeToLiveCommandInput = {
  TableName: table,
  TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
};
const now = () => Math.floor(Date.now() / 1000);
const years = 365 * 24 * 60 * 60;

test("rows whose time has passed are removed while running, with their index entries and a record each", async () => {
  const { client, put, scan, streams } = await start();
  const { records } = collect(streams);
  const expired = Array.from({ length: 110 }, (_, at) => `expired${at}`);
  await Promise.all(expired.map((pk) => put(pk, { ttl: now() - 1 })));
  const kept = ["later", "long-ago", "no-number", "none"];
  await put("later", { ttl: now() + 3600 });
  await put("long-ago", { ttl: now() - 6 * years });
  await put("no-number", { ttl: "1" });
  await put("none", {});
  expect((await scan()).length).toBe(114);

  await client.send(new UpdateTimeToLiveCommand(enable));
  await until("they are gone", async () => (await scan()).length === kept.length);
  expect(await scan()).toEqual(kept);
  expect(await scan("byOwner")).toEqual(kept);
  const removed = () => records.filter(({ eventName }) => eventName === "REMOVE");
  await until("their records are delivered", () => removed().length === expired.length);
  expect(new Set(removed().map(({ dynamodb }) => dynamodb?.OldImage?.pk?.S))).toEqual(new Set(expired));
});

test("a table's time to live is described, and set once", async () => {
  const { client } = await start();
  const describe = async () =>
    (await client.send(new DescribeTimeToLiveCommand({ TableName: table }))).TimeToLiveDescription;
  expect(await describe()).toEqual({ TimeToLiveStatus: "DISABLED" });
  await client.send(new UpdateTimeToLiveCommand(enable));
  expect(await describe()).toEqual({ TimeToLiveStatus: "ENABLED", AttributeName: "ttl" });
  await expect(client.send(new UpdateTimeToLiveCommand(enable))).rejects.toMatchObject({
    name: "ValidationException",
    message: "TimeToLive is already enabled",
  });
  await expect(
    client.send(new UpdateTimeToLiveCommand({ ...enable, TableName: "none" })),
  ).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
