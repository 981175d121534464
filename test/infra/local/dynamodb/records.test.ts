import {
  BatchWriteCommand,
  DeleteCommand,
  GetCommand,
  PutCommand,
  QueryCommand,
  UpdateCommand,
} from "@aws-sdk/lib-dynamodb";
import { describe, expect, test } from "vitest";
import { collect, createItemsTable, essence, startTestEngine, table } from "./harness.ts";

const Key = { pk: "a", sk: "1" };
const keys = { pk: { S: "a" }, sk: { S: "1" } };
const image = (text: string) => ({ ...keys, text: { S: text } });

const put = (text: string) => new PutCommand({ TableName: table, Item: { ...Key, text } });
const update = (text: string) =>
  new UpdateCommand({
    TableName: table,
    Key,
    UpdateExpression: "SET #text = :text",
    ExpressionAttributeNames: { "#text": "text" },
    ExpressionAttributeValues: { ":text": text },
    ReturnValues: "UPDATED_OLD",
  });
const remove = () => new DeleteCommand({ TableName: table, Key, ReturnValues: "ALL_OLD" });

/** A write to the same shard, after which everything before it has been delivered. */
const last = () => new PutCommand({ TableName: table, Item: { pk: "a", sk: "last" } });

describe("each committed write is one record", () => {
  test("PutItem, UpdateItem and DeleteItem, with keys and both images", async () => {
    const { client, streams } = await startTestEngine();
    const { atLeast } = collect(streams);

    await client.send(put("one"));
    await client.send(put("two"));
    const updated = await client.send(update("three"));
    const removed = await client.send(remove());
    await client.send(update("four"));

    expect((await atLeast(5)).map(essence)).toEqual([
      { eventName: "INSERT", Keys: keys, NewImage: image("one") },
      { eventName: "MODIFY", Keys: keys, OldImage: image("one"), NewImage: image("two") },
      { eventName: "MODIFY", Keys: keys, OldImage: image("two"), NewImage: image("three") },
      { eventName: "REMOVE", Keys: keys, OldImage: image("three") },
      { eventName: "INSERT", Keys: keys, NewImage: image("four") },
    ]);
    // The client is answered as it asked, whatever the stream needed to know.
    expect(updated.Attributes).toEqual({ text: "two" });
    expect(removed.Attributes).toEqual({ ...Key, text: "three" });
  });

  test("BatchWriteItem, a record an item", async () => {
    const { client, streams } = await startTestEngine();
    const { atLeast } = collect(streams);
    await client.send(put("one"));

    const others = Array.from({ length: 10 }, (_, n) => ({ PutRequest: { Item: { pk: `b${n}`, sk: "1" } } }));
    const batch = [{ DeleteRequest: { Key } }, ...others];
    await client.send(new BatchWriteCommand({ RequestItems: { [table]: batch } }));

    const records = (await atLeast(12)).map(essence);
    expect(records).toHaveLength(12);
    expect(records).toContainEqual({ eventName: "REMOVE", Keys: keys, OldImage: image("one") });
    for (const { PutRequest } of others)
      expect(records).toContainEqual({
        eventName: "INSERT",
        Keys: { pk: { S: PutRequest.Item.pk }, sk: { S: "1" } },
        NewImage: { pk: { S: PutRequest.Item.pk }, sk: { S: "1" } },
      });
  });

  test("in the shape of Lambda's event", async () => {
    const { client, streams } = await startTestEngine();
    const { atLeast } = collect(streams);
    await client.send(put("one"));

    const [record] = await atLeast(1);
    expect(record).toMatchObject({
      eventSource: "aws:dynamodb",
      eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:[a-z0-9-]+:\d+:table\/items\/stream\/\d{4}-/),
      dynamodb: {
        StreamViewType: "NEW_AND_OLD_IMAGES",
        SequenceNumber: expect.stringMatching(/^\d{21,40}$/),
      },
    });
    const created = record?.dynamodb?.ApproximateCreationDateTime ?? 0;
    expect(Math.abs(created - Date.now() / 1000)).toBeLessThan(60);
  });
});

describe("no record", () => {
  test("of a write whose condition fails", async () => {
    const { client, streams } = await startTestEngine();
    const { atLeast } = collect(streams);
    const condition = { ConditionExpression: "attribute_exists(pk)" };

    const outcomes = await Promise.allSettled([
      client.send(new PutCommand({ ...put("x").input, ...condition })),
      client.send(new UpdateCommand({ ...update("x").input, ...condition })),
      client.send(new DeleteCommand({ ...remove().input, ...condition })),
    ]);
    const refusal = { status: "rejected", reason: { name: "ConditionalCheckFailedException" } };
    expect(outcomes).toMatchObject([refusal, refusal, refusal]);
    await client.send(last());

    expect((await atLeast(1)).map(essence)).toMatchObject([{ Keys: { sk: { S: "last" } } }]);
  });

  test("of a write that changes nothing", async () => {
    const { client, streams } = await startTestEngine();
    const { atLeast } = collect(streams);
    const row = { ...Key, map: { a: 1, b: [1, 2] }, set: new Set(["x", "y"]) };
    const same = { set: new Set(["y", "x"]), map: { b: [1, 2], a: 1 }, ...Key };

    await client.send(remove());
    await client.send(new PutCommand({ TableName: table, Item: row }));
    await client.send(new PutCommand({ TableName: table, Item: same }));
    await client.send(update("one"));
    await client.send(update("one"));
    await client.send(last());

    expect((await atLeast(3)).map(({ eventName }) => eventName)).toEqual(["INSERT", "MODIFY", "INSERT"]);
  });

  test("of a table without a stream", async () => {
    const { client, streams } = await startTestEngine();
    await createItemsTable(client, "plain", false);
    const { records, stop } = collect(streams, "collector", "plain");
    await client.send(new PutCommand({ TableName: "plain", Item: Key }));
    await client.send(last());
    await collect(streams).atLeast(1);
    await stop();
    expect(records).toEqual([]);
  });
});

test("records of one item come in the order of its writes, under concurrent writers", async () => {
  const { client, streams } = await startTestEngine();
  const { atLeast } = collect(streams);
  const writers = 8;
  const writes = 25;
  const add = (sk: string) =>
    new UpdateCommand({
      TableName: table,
      Key: { pk: sk, sk },
      UpdateExpression: "ADD version :one",
      ExpressionAttributeValues: { ":one": 1 },
    });

  await Promise.all(
    Array.from({ length: writers }, async () => {
      for (let n = 0; n < writes; n++) await client.send(add(`item${n % 5}`));
    }),
  );

  const records = await atLeast(writers * writes);
  expect(records).toHaveLength(writers * writes);
  for (let n = 0; n < 5; n++) {
    const versions = records
      .filter(({ dynamodb }) => dynamodb?.Keys?.pk?.S === `item${n}`)
      .map(({ dynamodb }) => Number(dynamodb?.NewImage?.version?.N));
    expect(versions).toEqual(Array.from({ length: (writers * writes) / 5 }, (_, at) => at + 1));
  }
});

test("indexes follow their rows", async () => {
  const { client } = await startTestEngine();
  const owned = async (owner: string) => {
    const query = new QueryCommand({
      TableName: table,
      IndexName: "byOwner",
      KeyConditionExpression: "#owner = :owner",
      ExpressionAttributeNames: { "#owner": "owner" },
      ExpressionAttributeValues: { ":owner": owner },
    });
    return (await client.send(query)).Items;
  };
  const row = (owner: string) => new PutCommand({ TableName: table, Item: { ...Key, owner } });

  await client.send(row("x"));
  expect(await owned("x")).toEqual([{ ...Key, owner: "x" }]);
  await client.send(row("y"));
  expect([await owned("x"), await owned("y")]).toEqual([[], [{ ...Key, owner: "y" }]]);
  await client.send(remove());
  expect(await owned("y")).toEqual([]);
  expect(
    (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item,
  ).toBeUndefined();
});
