import { DynamoDBStreamsClient } from "@aws-sdk/client-dynamodb-streams";
import type { DynamoDBRecord } from "aws-lambda";
import { expect, onTestFinished, test } from "vitest";
import { createPolledStreams, type PollOptions } from "../../../../infra/local/dynamodb/poll-streams.ts";
import { until } from "../../../support/until.ts";
import { collect, table } from "./harness.ts";
import { startStreamsServer } from "./streams-server.ts";

async function start(options: PollOptions = {}) {
  const server = await startStreamsServer();
  const client = new DynamoDBStreamsClient({
    endpoint: server.endpoint,
    region: "eu-central-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local-secret" },
    maxAttempts: 1,
  });
  const streams = createPolledStreams(client, { pollMs: 5, discoverMs: 20, ...options });
  onTestFinished(async () => {
    await streams.stop();
    client.destroy();
    await server.close();
  });
  return { ...server, streams };
}

const numbers = (records: readonly DynamoDBRecord[]) =>
  records.map(({ dynamodb }) => dynamodb?.SequenceNumber);

test("a stream is read from the oldest record kept, in Lambda's shape", async () => {
  const { streams, open, append } = await start();
  open("s1");
  append("s1", "1", {
    pk: { S: "a" },
    bytes: { B: "AQI=" },
    list: { L: [{ M: { deep: { BS: ["AQI="] } } }] },
  });
  const { atLeast } = collect(streams);
  await atLeast(1);
  append("s1", "2");

  const [first, second] = await atLeast(2);
  expect(first).toMatchObject({
    eventName: "INSERT",
    eventSourceARN: expect.stringContaining("table/items/stream/"),
    dynamodb: {
      ApproximateCreationDateTime: 1,
      NewImage: { pk: { S: "a" }, bytes: { B: "AQI=" }, list: { L: [{ M: { deep: { BS: ["AQI="] } } }] } },
    },
  });
  expect(second?.dynamodb?.SequenceNumber).toBe("2");
});

test("a shard's children are read when it has been read to the end", async () => {
  const { streams, open, append, end } = await start();
  open("parent");
  append("parent", "1");
  const { records, atLeast } = collect(streams);
  await atLeast(1);
  open("left", "parent");
  open("right", "parent");
  append("left", "3");
  append("right", "4");
  append("parent", "2");
  end("parent");

  await atLeast(4);
  expect(numbers(records).slice(0, 2)).toEqual(["1", "2"]);
  expect(numbers(records).slice(2).toSorted()).toEqual(["3", "4"]);
});

test("an iterator that expired is opened again behind the last record", async () => {
  const { streams, open, append, expireIterators } = await start();
  open("s1");
  append("s1", "1");
  const { records, atLeast } = collect(streams);
  await atLeast(1);
  expireIterators();
  append("s1", "2");
  await atLeast(2);
  expect(numbers(records)).toEqual(["1", "2"]);
});

test("an engine that fails for a while costs no record", async () => {
  const { streams, open, append, failNext } = await start();
  open("s1");
  append("s1", "1");
  const records: DynamoDBRecord[] = [];
  streams.subscribe(table, async ({ Records }) => void records.push(...Records), { maximumBackoffMs: 10 });
  await until("the first record", () => records.length === 1);
  failNext(3);
  append("s1", "2");
  await until("the second record", () => records.length > 1);
  expect(numbers(records)).toEqual(["1", "2"]);
});

test("from the latest: what was there is passed over, a new shard is read whole", async () => {
  const { streams, open, append, end } = await start({ start: "LATEST" });
  open("s1");
  append("s1", "1");
  const { records, atLeast } = collect(streams);
  // Written again and again until the reader is known to have taken its place.
  let number = 1;
  await until("the reader has begun", () => {
    append("s1", String(++number));
    return records.length > 0;
  });
  end("s1");
  open("s2", "s1");
  append("s2", "last");
  await until("the child's record", () => numbers(records).includes("last"));
  expect(numbers(records)).not.toContain("1");
  await atLeast(2);
});

test("partial failures are retried as in the embedded engine", async () => {
  const { streams, open, append } = await start();
  open("s1");
  for (const number of ["1", "2", "3"]) append("s1", number);
  const seen: (string | undefined)[][] = [];
  streams.subscribe(
    table,
    async ({ Records }) => {
      seen.push(numbers(Records));
      return { batchItemFailures: seen.length === 1 ? [{ itemIdentifier: "2" }] : [] };
    },
    { backoffMs: 1 },
  );
  await until("the retry", () => seen.length === 2);
  expect(seen).toEqual([
    ["1", "2", "3"],
    ["2", "3"],
  ]);
});
