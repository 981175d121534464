import { QueryCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Database } from "../../../core/aws/clients.ts";
import { createSubscriptionStore } from "../../../core/aws/subscription-store.ts";
import { type Head, nextHead } from "../../../core/domain/subscriptions/head.ts";
import { emptyHead } from "../../../core/domain/subscriptions/open-head.ts";
import type { SubscriptionStore } from "../../../core/domain/subscriptions/ports.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { changeOf } from "../../support/history.ts";
import { databaseOf, newActor } from "../../support/subscriptions.ts";

let aws: TestAws;
let database: Database;
let store: SubscriptionStore;
let userId: string;
let first: Head;

beforeAll(async () => {
  aws = await startTestAws();
  database = databaseOf(aws);
  store = createSubscriptionStore(database);
});
afterAll(() => aws.close());
beforeEach(async () => {
  userId = newActor().userId;
  first = await store.createHead(emptyHead(userId, "epoch-1"));
});

const second = () => nextHead(first, changeOf(1, "a", 3), "change-1", 1);
const rows = async (found: AsyncIterable<{ songId: string; revision: number }>) => {
  const seen: [string, number][] = [];
  for await (const { songId, revision } of found) seen.push([songId, revision]);
  return seen;
};

describe("the head", () => {
  it("is created once; a later creator gets the one that is there", async () => {
    expect(await store.createHead(emptyHead(userId, "epoch-2"))).toEqual(first);
  });

  it("is read as it was written", async () => {
    expect(await store.commit(second())).toBe(true);
    expect(await store.head(userId)).toEqual(second());
  });

  it("is replaced by one of two writers", async () => {
    const results = await Promise.all([store.commit(second()), store.commit(second())]);
    expect(results.sort()).toEqual([false, true]);
  });

  it.each([
    ["skips a revision", () => ({ ...second(), headRevision: 2 })],
    ["is of another epoch", () => ({ ...second(), epoch: "epoch-2" })],
    ["is of a user without a head", () => ({ ...second(), userId: newActor().userId })],
  ])("is not replaced by one that %s", async (_, next) => {
    expect(await store.commit(next())).toBe(false);
    expect(await store.head(userId)).toEqual(first);
  });

  it("is closed for good and expires", async () => {
    await store.commit(second());
    await store.close(emptyHead(userId, "epoch-2"), new Date(5_000_000));
    expect(await store.head(userId)).toEqual({
      ...first,
      headRevision: 1,
      closed: true,
      ttl: 5_000,
    });
    expect(await store.commit({ ...second(), headRevision: 2 })).toBe(false);
  });
});

describe("song rows", () => {
  it("are never replaced by an older or an equal change", async () => {
    await store.writeSong(userId, changeOf(5, "a", 5));
    await store.writeSong(userId, changeOf(4, "a", null));
    await store.writeSong(userId, changeOf(5, "a", 1));
    expect(await store.songs(userId, ["a", "b"])).toEqual([changeOf(5, "a", 5)]);
  });

  it("keep every field of a change, and a removal as one", async () => {
    const { subscription } = changeOf(1, "a", 2);
    if (!subscription) throw new Error("It is a put");
    const { rating: _, ...unrated } = subscription;
    const change = { ...changeOf(1, "a", 2), subscription: { ...unrated, tags: ["x", "ÿ"], pinned: true } };
    await store.writeSong(userId, change);
    await store.writeSong(userId, changeOf(2, "b", null));
    const found = await store.songs(userId, ["a", "b"]);
    expect(found.sort((a, b) => a.revision - b.revision)).toEqual([change, changeOf(2, "b", null)]);
  });

  it("come by song id after one, and by revision above one, over page bounds", async () => {
    for (const [index, songId] of ["c", "a", "d", "b"].entries())
      await store.writeSong(userId, changeOf(index + 1, songId, index === 2 ? null : 1));
    await store.writeSong(newActor().userId, changeOf(9, "z", 1));
    expect(await rows(store.songsAfter(userId, "", 1))).toEqual([
      ["a", 2],
      ["b", 4],
      ["c", 1],
      ["d", 3],
    ]);
    expect(await rows(store.songsAfter(userId, "b", 3))).toEqual([
      ["c", 1],
      ["d", 3],
    ]);
    expect(await rows(store.changesSince(userId, 1, 2))).toEqual([
      ["a", 2],
      ["d", 3],
      ["b", 4],
    ]);
    expect(await rows(store.changesSince(userId, 4, 2))).toEqual([]);
  });

  it("name the subscribers of a song, without those who left", async () => {
    const song = newActor().userId;
    await store.writeSong(userId, changeOf(1, song, 4));
    const left = newActor().userId;
    await store.writeSong(left, changeOf(1, song, 4));
    await store.writeSong(left, changeOf(2, song, null));
    const { Items } = await database.client.send(
      new QueryCommand({
        TableName: database.table("subscription"),
        IndexName: "bySong",
        KeyConditionExpression: "#songId = :songId",
        ExpressionAttributeNames: { "#songId": "songId" },
        ExpressionAttributeValues: { ":songId": song },
      }),
    );
    expect(Items?.map((item) => item.userId)).toEqual([userId]);
  });

  it("are all deleted, but not the head", async () => {
    for (let n = 1; n <= 60; n++) await store.writeSong(userId, changeOf(n, `s${n}`, n % 2 === 0 ? null : 1));
    await store.deleteRows(userId);
    expect(await rows(store.songsAfter(userId, "", 100))).toEqual([]);
    expect(await store.head(userId)).toEqual(first);
  });
});
