import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutCommand } from "@aws-sdk/lib-dynamodb";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../../../support/until.ts";
import { collect, startEngine, startTestEngine, table } from "./harness.ts";

const put = (pk: string) => new PutCommand({ TableName: table, Item: { pk, sk: "1" } });
const keyOf = ({ dynamodb }: DynamoDBRecord) => dynamodb?.Keys?.pk?.S;

async function createDataDir(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "encore-streams-"));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

test("a poison record is given up after its tries, and holds up only its own shard", async () => {
  const { client, streams } = await startTestEngine();
  const delivered: (string | undefined)[] = [];
  const givenUp: (string | undefined)[] = [];
  let poisonTries = 0;
  streams.subscribe(
    table,
    async ({ Records }) => {
      if (Records.some((record) => keyOf(record) === "poison")) {
        poisonTries++;
        throw new Error("poison");
      }
      delivered.push(...Records.map(keyOf));
    },
    {
      maximumRetryAttempts: 3,
      // The poison record's last try is not over before the other keys are delivered.
      backoffMs: 200,
      onFailure: (records) => void givenUp.push(...records.map(keyOf)),
    },
  );

  await client.send(put("poison"));
  const others = Array.from({ length: 40 }, (_, n) => `key${n}`);
  for (const key of others) await client.send(put(key));
  await until("other shards are delivered", () => delivered.length > 20);
  expect(givenUp).toEqual([]);

  await until(
    "the poison record is given up, and its shard goes on",
    () => delivered.length === others.length,
  );
  expect(givenUp).toEqual(["poison"]);
  expect(poisonTries).toBeGreaterThanOrEqual(4);
  expect(delivered.toSorted()).toEqual(others.toSorted());
});

test("a consumer takes up where it left off, each in its own place", async () => {
  const dataDir = await createDataDir();
  const first = await startEngine(dataDir);
  const before = collect(first.streams, "one");
  await first.client.send(put("a"));
  await before.atLeast(1);
  await before.stop();
  await first.client.send(put("b"));
  await first.close();

  const second = await startTestEngine(dataDir);
  const one = collect(second.streams, "one");
  const two = collect(second.streams, "two");
  await second.client.send(put("c"));
  await one.atLeast(2);
  await two.atLeast(3);
  expect(one.records.map(keyOf).toSorted()).toEqual(["b", "c"]);
  expect(two.records.map(keyOf).toSorted()).toEqual(["a", "b", "c"]);
});

test("what a handler had not finished is delivered again after a restart", async () => {
  const dataDir = await createDataDir();
  const first = await startEngine(dataDir);
  let tries = 0;
  first.streams.subscribe(
    table,
    async () => {
      tries++;
      throw new Error("not yet");
    },
    { consumer: "push", maximumRetryAttempts: -1, backoffMs: 1 },
  );
  await first.client.send(put("a"));
  await until("it is being tried", () => tries > 2);
  await first.close();

  const { streams } = await startTestEngine(dataDir);
  const { atLeast } = collect(streams, "push");
  expect((await atLeast(1)).map(keyOf)).toEqual(["a"]);
});

test("stop waits for the batch in flight, and takes no other", async () => {
  const { client, streams } = await startTestEngine();
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  let started = 0;
  let finished = 0;
  const { stop } = streams.subscribe(table, async () => {
    started++;
    await held;
    finished++;
  });
  await client.send(put("a"));
  await until("the batch is in flight", () => started === 1);
  await client.send(put("a2"));

  const stopped = stop();
  release();
  await stopped;
  expect(finished).toBe(started);
  const startedBefore = started;
  await client.send(put("a3"));
  const { atLeast } = collect(streams, "other");
  await atLeast(3);
  expect(started).toBe(startedBefore);
});

test("two consumers of one name on one table are refused", async () => {
  const { streams } = await startTestEngine();
  streams.subscribe(table, async () => {});
  expect(() => streams.subscribe(table, async () => {})).toThrow("already has a consumer named default");
});
