import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetCommand, PutCommand, QueryCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { expect, onTestFinished, test } from "vitest";
import { startDynamoDb } from "../../../../infra/local/dynamodb/engine.ts";
import type { StoredWrite } from "../../../../infra/local/dynamodb/level/group-commit.ts";
import { createHandle, type Handle } from "../../../../infra/local/dynamodb/level/handle.ts";
import { verifyTables } from "../../../../infra/local/dynamodb/verify-tables.ts";
import { testCredentials } from "../../../support/engine-credentials.ts";
import { until } from "../../../support/until.ts";
import { collect, createClient, createItemsTable, table } from "./harness.ts";

type Write = (writes: readonly StoredWrite[]) => Promise<void>;

/** LevelDB whose writes, and whose opening, can be made to fail as on a full disk. */
function createFaultyDisk() {
  const full = new Error("IO error: 000007.log: No space left on device");
  const disk = {
    write: (real: Write): Write => real,
    openFails: false,
    /** What happens to the disk while it is closed. */
    afterOpen: async (_handle: Handle): Promise<void> => {},
    calls: [] as ("open" | "close" | "write")[],
    /** Nothing fits any more. */
    fill: () => {
      disk.write = () => () => Promise.reject(full);
      disk.openFails = true;
    },
    /** The next write fails after it got through: its sync did. */
    failSync: () => {
      disk.write = (real) => async (writes) => {
        await real(writes);
        throw full;
      };
    },
    free: () => {
      disk.write = (real) => real;
      disk.openFails = false;
    },
    create: (folder: string): Handle => {
      const handle = createHandle(folder);
      return {
        ...handle,
        open: async () => {
          disk.calls.push("open");
          if (disk.openFails) throw full;
          await handle.open();
          await disk.afterOpen(handle);
        },
        close: () => {
          disk.calls.push("close");
          return handle.close();
        },
        write: (writes) => {
          disk.calls.push("write");
          return disk.write(handle.write)(writes);
        },
      };
    },
  };
  return disk;
}

async function startOnFaultyDisk() {
  const dataDir = await mkdtemp(join(tmpdir(), "encore-outage-"));
  const disk = createFaultyDisk();
  const lines: string[] = [];
  const engine = await startDynamoDb({
    credentials: testCredentials,
    dataDir,
    probeMs: 10,
    report: (line) => void lines.push(line),
    create: disk.create,
  });
  const client = createClient(engine.endpoint);
  await createItemsTable(client);
  let closed: Promise<void> | undefined;
  const close = () => {
    client.destroy();
    closed ??= engine.close();
    return closed;
  };
  onTestFinished(async () => {
    disk.free();
    await close();
    await rm(dataDir, { recursive: true, force: true });
  });
  const put = (pk: string, owner = "o") =>
    client.send(new PutCommand({ TableName: table, Item: { pk, sk: "1", owner } }));
  const get = async (pk: string) =>
    (await client.send(new GetCommand({ TableName: table, Key: { pk, sk: "1" } }))).Item;
  const healed = () => until("writes are taken again", () => engine.refusal() === undefined);
  return { ...engine, client, close, dataDir, disk, lines, put, get, healed };
}

const unavailable = { name: "ServiceUnavailable", $metadata: { httpStatusCode: 503 } };

test("a full disk: writes are refused with 503 and a reason, reads go on, and it heals without a restart", async () => {
  const { disk, put, get, healed, refusal, lines, dataDir, close, streams } = await startOnFaultyDisk();
  const { records } = collect(streams);
  await put("before");
  expect(refusal()).toBeUndefined();
  disk.fill();
  await expect(put("first")).rejects.toMatchObject(unavailable);
  await expect(put("second")).rejects.toMatchObject(unavailable);
  expect(refusal()).toMatch(/No space left on device; free some space/);

  // Full while it is opened again: what was closed is not served, and nothing is lost.
  await until("opening was tried", async () => (await get("before").catch(() => "closed")) === "closed");
  disk.free();
  await healed();
  expect(await get("before")).toBeDefined();
  await put("after");
  const delivered = () => records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S);
  await until("streams go on", () => delivered().includes("after"));
  expect(delivered().toSorted()).toEqual(["after", "before"]);
  expect(lines[0]).toMatch(/refuse writes: .*free some space/);
  expect(lines.at(-1)).toMatch(/take writes again/);

  await close();
  expect(await verifyTables(dataDir)).toMatchObject({ problems: [] });
  const restarted = await startDynamoDb({ credentials: testCredentials, dataDir });
  const client = createClient(restarted.endpoint);
  for (const pk of ["before", "after"])
    expect(
      (await client.send(new GetCommand({ TableName: table, Key: { pk, sk: "1" } }))).Item,
    ).toBeDefined();
  client.destroy();
  await restarted.close();
});

test("reads go on from what is open while writes are refused", async () => {
  const { disk, put, get, client } = await startOnFaultyDisk();
  await put("before");
  // Every try to write fails, and no try to open comes: the disk has no room for the probe.
  disk.write = () => () => Promise.reject(new Error("IO error: Input/output error"));
  const read = async () => {
    const query = {
      TableName: table,
      IndexName: "byOwner",
      KeyConditionExpression: "#owner = :o",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":o": "o" },
    };
    return [await get("before"), (await client.send(new QueryCommand(query))).Count];
  };
  const [refused, item] = await Promise.allSettled([put("during"), read()]);
  expect(refused).toMatchObject({ status: "rejected", reason: unavailable });
  expect(item).toMatchObject({ status: "fulfilled", value: [{ pk: "before" }, 1] });
});

test("a write whose sync failed shows whole once it has healed, and no consumer passes over its record", async () => {
  const { disk, put, get, healed, streams } = await startOnFaultyDisk();
  const { records } = collect(streams);
  await put("a");
  disk.failSync();
  await expect(put("b", "other")).rejects.toMatchObject(unavailable);
  disk.free();
  await healed();
  await put("c");
  await until("all records", () => records.length === 3);
  expect(records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S).toSorted()).toEqual(["a", "b", "c"]);
  expect(await get("b")).toMatchObject({ owner: "other" });
});

test("LevelDB, which would drop what it writes behind a failed write, is opened anew before it is written to", async () => {
  const { disk, put, healed } = await startOnFaultyDisk();
  disk.failSync();
  disk.calls.length = 0;
  await expect(put("a")).rejects.toMatchObject(unavailable);
  disk.free();
  await healed();
  await put("b");
  expect(disk.calls.slice(0, 4)).toEqual(["write", "close", "open", "write"]);
});

test("tables that lost what was acknowledged refuse writes and say so, until it is there again", async () => {
  const { disk, put, get, healed, refusal } = await startOnFaultyDisk();
  const acknowledged: StoredWrite[] = [];
  disk.write = (real) => async (writes) => {
    await real(writes);
    acknowledged.push(...writes);
  };
  await put("kept");
  disk.failSync();
  disk.afterOpen = (handle) => handle.write(acknowledged.map(({ key }) => ({ key, stored: undefined })));
  await expect(put("refused")).rejects.toMatchObject(unavailable);
  disk.free();
  await until("the loss is seen", () => refusal()?.startsWith("What was acknowledged of ") === true);
  await expect(put("refused")).rejects.toMatchObject(unavailable);
  disk.afterOpen = (handle) => handle.write(acknowledged);
  await healed();
  expect(await get("kept")).toBeDefined();
});

test("records are not given up while writes are refused, though the handler fails meanwhile", async () => {
  const { disk, put, healed, streams, refusal } = await startOnFaultyDisk();
  const givenUp: unknown[] = [];
  const done: (string | undefined)[] = [];
  let failures = 0;
  streams.subscribe(
    table,
    async ({ Records }) => {
      const [first] = Records;
      const pk = first?.dynamodb?.Keys?.pk?.S;
      if (pk === "derived") return;
      try {
        await put("derived");
      } catch (error) {
        failures++;
        throw error;
      }
      done.push(...Records.map(({ dynamodb }) => dynamodb?.Keys?.pk?.S));
    },
    {
      maximumRetryAttempts: 0,
      bisectBatchOnFunctionError: false,
      onFailure: (records) => void givenUp.push(...records),
      faults: async (records) => {
        // The record is read, and then the disk is full.
        if (done.length === 0 && refusal() === undefined) disk.fill();
        return records;
      },
    },
  );
  await put("original");
  await until("the handler failed", () => failures > 0);
  disk.free();
  await healed();
  await until("it is delivered", () => done.includes("original"));
  expect(givenUp).toEqual([]);
});

test("nothing is acknowledged before it is on the disk, and concurrent writes share one sync, in their order", async () => {
  const { disk, put, client } = await startOnFaultyDisk();
  const groups: (readonly StoredWrite[])[] = [];
  const held = Promise.withResolvers<void>();
  disk.write = (real) => async (writes) => {
    groups.push(writes);
    if (groups.length === 1) await held.promise;
    await real(writes);
  };
  let acknowledged = 0;
  const update = () =>
    client.send(
      new UpdateCommand({
        TableName: table,
        Key: { pk: "row", sk: "1" },
        UpdateExpression: "ADD version :one",
        ExpressionAttributeValues: { ":one": 1 },
        ReturnValues: "UPDATED_NEW",
      }),
    );
  const puts = Array.from({ length: 40 }, (_, at) => put(`row${at}`).then(() => acknowledged++));
  await until("the first is under way", () => groups.length === 1);
  await until("a read is answered meanwhile", async () => {
    await client.send(new GetCommand({ TableName: table, Key: { pk: "row0", sk: "1" } }));
    return true;
  });
  expect(acknowledged).toBe(0);
  held.resolve();
  await Promise.all(puts);
  expect(groups.length).toBeLessThan(40);
  const versions = await Promise.all(Array.from({ length: 10 }, update));
  expect(versions.map(({ Attributes }) => Attributes?.version).toSorted((a, b) => a - b)).toEqual(
    Array.from({ length: 10 }, (_, at) => at + 1),
  );
});
