import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { paginateScan, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { createRandom, runSeed } from "../../../support/random.ts";
import { until } from "../../../support/until.ts";
import { spawnEngine } from "../spawn-engine.ts";
import { collect, createClient, createItemsTable, startTestEngine, table } from "./harness.ts";

const seed = runSeed();
const random = createRandom(seed);

const items = Array.from({ length: 6 }, (_, n) => `item${n}`);

/** Raises an item's version until the engine is gone; notes each version that was acknowledged. */
async function writeUntilKilled(endpoint: string, acknowledged: Map<string, number>): Promise<void> {
  const client = createClient(endpoint);
  const raise = async (pk: string, owner: string) => {
    const { Attributes } = await client.send(
      new UpdateCommand({
        TableName: table,
        Key: { pk, sk: "1" },
        UpdateExpression: "SET #owner = :owner ADD version :one",
        ExpressionAttributeNames: { "#owner": "owner" },
        ExpressionAttributeValues: { ":one": 1, ":owner": owner },
        ReturnValues: "UPDATED_NEW",
      }),
    );
    acknowledged.set(pk, Math.max(Number(Attributes?.version), acknowledged.get(pk) ?? 0));
  };
  const writers = [...items, ...items].map(async (pk) => {
    for (;;) await raise(pk, `owner${Math.floor(random() * 3)}`);
  });
  await Promise.allSettled(writers);
  client.destroy();
}

test(`acknowledged writes of a killed engine are all delivered, with rows and indexes to match (seed ${seed})`, async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-kill-"));
  onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
  const acknowledged = new Map<string, number>();

  for (let round = 0; round < 5; round++) {
    const engine = await spawnEngine("dynamodb", dataDir);
    const client = createClient(engine.endpoint);
    await createItemsTable(client);
    client.destroy();
    const writing = writeUntilKilled(engine.endpoint, acknowledged);
    await wait(100 + random() * 200);
    await engine.kill();
    await writing;
  }
  expect(acknowledged.size).toBe(items.length);

  const { client, streams } = await startTestEngine(dataDir);
  const { records } = collect(streams);
  const rows = new Map<string, { version: number; owner: string }>();
  for await (const { Items = [] } of paginateScan({ client }, { TableName: table }))
    for (const { pk, version, owner } of Items) rows.set(pk, { version, owner });

  for (const [pk, { version, owner }] of rows) {
    expect(version).toBeGreaterThanOrEqual(acknowledged.get(pk) ?? 0);
    const versions = () =>
      records
        .filter(({ dynamodb }) => dynamodb?.Keys?.pk?.S === pk)
        .map(({ dynamodb }) => Number(dynamodb?.NewImage?.version?.N));
    // Every version of the row, acknowledged or not, has exactly one record, in order.
    await until(`the records of ${pk}`, () => versions().length >= version);
    expect(versions()).toEqual(Array.from({ length: version }, (_, at) => at + 1));
    expect(await ownersInIndex(client, pk)).toEqual([owner]);
  }
});

/** Every owner under whom the index lists the item: exactly the row's own. */
async function ownersInIndex(client: ReturnType<typeof createClient>, pk: string): Promise<string[]> {
  const found = await Promise.all(
    ["owner0", "owner1", "owner2"].map(async (owner) => {
      const { Items = [] } = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: "byOwner",
          KeyConditionExpression: "#owner = :owner",
          ExpressionAttributeNames: { "#owner": "owner" },
          ExpressionAttributeValues: { ":owner": owner },
        }),
      );
      return Items.filter((item) => item.pk === pk).map((item) => String(item.owner));
    }),
  );
  return found.flat();
}
