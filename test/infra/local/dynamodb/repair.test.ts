import { cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteCommand, GetCommand, PutCommand, QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { startDynamoDb } from "../../../../infra/local/dynamodb/engine.ts";
import { encodeValue } from "../../../../infra/local/dynamodb/level/envelope.ts";
import { findFileFaults } from "../../../../infra/local/dynamodb/level/files.ts";
import { createHandle } from "../../../../infra/local/dynamodb/level/handle.ts";
import { repairTables } from "../../../../infra/local/dynamodb/repair-tables.ts";
import { describeProblem, verifyTables } from "../../../../infra/local/dynamodb/verify-tables.ts";
import { testCredentials } from "../../../support/engine-credentials.ts";
import { createRandom, runSeed } from "../../../support/random.ts";
import { createClient, createItemsTable, startTestEngine, table } from "./harness.ts";

const seed = runSeed();
const random = createRandom(seed);

/** Tables with 100 rows of three states each, some of them removed, in several files. */
let sample: string;
beforeAll(async () => {
  sample = await mkdtemp(join(tmpdir(), "encore-repair-sample-"));
  for (const version of [1, 2, 3]) {
    const engine = await startDynamoDb({ credentials: testCredentials, dataDir: sample });
    const client = createClient(engine.endpoint);
    await createItemsTable(client);
    const puts = rows.map((pk) =>
      client.send(
        new PutCommand({ TableName: table, Item: { pk, sk: "1", owner: `owner${version}`, text } }),
      ),
    );
    await Promise.all(puts);
    if (version === 3)
      await client.send(new DeleteCommand({ TableName: table, Key: { pk: "row0", sk: "1" } }));
    client.destroy();
    await engine.close();
  }
}, 30_000);
afterAll(() => rm(sample, { recursive: true, force: true }));

const rows = Array.from({ length: 100 }, (_, at) => `row${at}`);
const text = "text ".repeat(100);

async function copySample(): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), "encore-repair-"));
  onTestFinished(() => rm(parent, { recursive: true, force: true }));
  const folder = join(parent, "dynamodb");
  await cp(sample, folder, { recursive: true });
  return folder;
}

async function flipBit(path: string): Promise<void> {
  const bytes = await readFile(path);
  const at = Math.floor(random() * bytes.length * 0.9);
  bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << Math.floor(random() * 8)), at);
  await writeFile(path, bytes);
}

/** The rows that are found, and under which owners. */
async function readRows(folder: string) {
  const { client } = await startTestEngine(folder);
  const owned = async (owner: string) => {
    const query = {
      TableName: table,
      IndexName: "byOwner",
      KeyConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":owner": owner },
    };
    const { Items = [] } = await client.send(new QueryCommand(query));
    return Items.map(({ pk }) => String(pk));
  };
  return {
    current: await owned("owner3"),
    older: [...(await owned("owner1")), ...(await owned("owner2"))],
    client,
  };
}

test("tables that are well have no problems, and a repair loses nothing", async () => {
  const folder = await copySample();
  expect(await verifyTables(folder)).toEqual({ rows: 99, problemCount: 0, problems: [] });
  expect(await repairTables(folder)).toMatchObject({ rows: 99, hasLosses: false });
  expect(await verifyTables(folder)).toEqual({ rows: 99, problemCount: 0, problems: [] });
  const { current, older, client } = await readRows(folder);
  expect(current.toSorted()).toEqual(rows.slice(1).toSorted());
  expect(older).toEqual([]);
  await client.send(new PutCommand({ TableName: table, Item: { pk: "new", sk: "1", owner: "owner3" } }));
});

test(`a flipped bit in a table ends a start with path and advice, and a repair keeps the rest (seed ${seed})`, async () => {
  const folder = await copySample();
  const names = (await readdir(folder)).filter((name) => name.endsWith(".ldb"));
  const path = join(folder, names[Math.floor(random() * names.length)] ?? "");
  await flipBit(path);

  const advice = "npm run check -- --repair";
  await expect(startDynamoDb({ credentials: testCredentials, dataDir: folder })).rejects.toThrow(path);
  await expect(startDynamoDb({ credentials: testCredentials, dataDir: folder })).rejects.toThrow(advice);
  const { problems } = await verifyTables(folder);
  expect(problems.map(describeProblem).join()).toContain(path);

  const { hasLosses, lostFiles, rows: kept } = await repairTables(folder);
  expect({ hasLosses, lostFiles }).toEqual({ hasLosses: true, lostFiles: [path] });
  expect(await verifyTables(folder)).toEqual({ rows: kept, problemCount: 0, problems: [] });
  const { current, older } = await readRows(folder);
  expect(current.length + older.length).toBe(kept);
  expect(current.length).toBeGreaterThan(50);
});

test.each([
  ["table", /\.ldb$/],
  ["log", /\.log$/],
])("a missing %s ends a start with its path, and a repair tells that rows may be lost", async (_, name) => {
  const folder = await copySample();
  const path = join(folder, (await readdir(folder)).find((file) => name.test(file)) ?? "");
  await rm(path);
  await expect(startDynamoDb({ credentials: testCredentials, dataDir: folder })).rejects.toThrow(path);
  expect(await repairTables(folder)).toMatchObject({ hasLosses: true, lostFiles: [path] });
  expect(await verifyTables(folder)).toMatchObject({ problems: [] });
});

test("every flipped bit of a table file in use is found", async () => {
  const folder = await copySample();
  const names = (await readdir(folder)).filter((name) => /\.(ldb|log)$/.test(name));
  for (let round = 0; round < 24; round++) {
    const path = join(folder, names.filter((name) => name.endsWith("ldb"))[round % (names.length - 1)] ?? "");
    const before = await readFile(path);
    await flipBit(path);
    expect((await findFileFaults(folder)).map(({ file }) => file)).toEqual([path]);
    await writeFile(path, before);
  }
});

test("a damaged log, manifest or CURRENT is found and repaired", async () => {
  for (const name of [/\.log$/, /^MANIFEST/, /^CURRENT$/]) {
    const folder = await copySample();
    const engine = await startDynamoDb({ credentials: testCredentials, dataDir: folder });
    const client = createClient(engine.endpoint);
    await client.send(new PutCommand({ TableName: table, Item: { pk: "first", sk: "1", text } }));
    await client.send(new PutCommand({ TableName: table, Item: { pk: "last", sk: "1", text } }));
    await engine.close();
    const found = (await readdir(folder)).find((file) => name.test(file)) ?? "";
    const path = join(folder, found);
    const bytes = await readFile(path);
    if (found === "CURRENT") await writeFile(path, "");
    else await writeFile(path, bytes.fill(7, 10, 20));
    await expect(startDynamoDb({ credentials: testCredentials, dataDir: folder })).rejects.toThrow(path);
    await repairTables(folder);
    expect(await verifyTables(folder)).toMatchObject({ problems: [] });
    const again = await startTestEngine(folder);
    const Key = { pk: "last", sk: "1" };
    expect((await again.client.send(new GetCommand({ TableName: table, Key }))).Item).toMatchObject(Key);
    client.destroy();
  }
});

test("index entries that do not agree with rows, and values that are not what was written, are found and mended", async () => {
  const folder = await copySample();
  const handle = createHandle(folder);
  await handle.open();
  const keys: string[] = [];
  const iterator = handle.iterate({ gt: "index-", lt: "item.", limit: 10_000 });
  for (let page = await iterator.nextv(500); page.length > 0; page = await iterator.nextv(500))
    keys.push(...page.map(([key]) => key));
  await iterator.close();
  const [missing = "", stale = ""] = keys.filter((key) => key.startsWith("index-"));
  const item = keys.find((key) => key.startsWith("item-")) ?? "";
  const other = { pk: { S: "none" }, sk: { S: "1" }, owner: { S: "x" } };
  await handle.write([
    { key: missing, stored: undefined },
    { key: `${stale}x`, stored: encodeValue(`${stale}x`, other) },
    { key: item, stored: encodeValue("another key", other) },
    { key: "checkpoint~items~1~c", stored: encodeValue("checkpoint~items~1~c", "9") },
  ]);
  await handle.close();

  const { problems } = await verifyTables(folder);
  expect(new Set(problems.map(({ kind }) => kind))).toEqual(
    new Set(["index-entry-missing", "index-entry-without-row", "value", "checkpoint"]),
  );
  expect(await repairTables(folder)).toMatchObject({ lostValues: [item], hasLosses: true });
  expect(await verifyTables(folder)).toMatchObject({ problems: [] });
});
