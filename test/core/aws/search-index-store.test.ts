import { DeleteObjectCommand, GetObjectCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { DeleteCommand, GetCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Client } from "../../../core/aws/clients.ts";
import { claimRebuild, releaseRebuild } from "../../../core/aws/search-index-object.ts";
import { createSearchIndexWriter, createSongSearch } from "../../../core/aws/search-index-store.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import { toSong } from "../../../core/domain/catalogue/record.ts";
import { createTestClock, testDatabase } from "../../support/accounts.ts";
import { startTestAws, type TestAws } from "../../support/engines.ts";
import { songRecord } from "../../support/songs.ts";

let aws: TestAws;
let deps: Parameters<typeof createSongSearch>[0];
const clock = createTestClock();
let scans = 0;
const records = Array.from({ length: 30 }, (_, at) => songRecord(`song-${at}`, { title: `Quince ${at}` }));

beforeAll(async () => {
  aws = await startTestAws();
  const database = testDatabase(aws);
  const s3 = createS3Client({ endpoint: aws.s3Endpoint, region: aws.region, credentials: aws.credentials });
  deps = { database, s3, bucket: aws.bucket, clock };
  database.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "ScanCommand") scans += 1;
        return next(args);
      },
    { step: "initialize" },
  );
  for (const record of records) await createSongStore(database).put(record);
});
afterAll(() => aws.close());

const found = async (search = createSongSearch(deps)) =>
  (await search.snapshot()).search("quince").map(({ songId }) => songId);
const everySong = records.map(({ songId }) => songId).sort();

const music = () => deps.database.table("music");
const pointerKey = { songId: "index#search" };
async function objectKey(): Promise<string> {
  const { Item } = await deps.database.client.send(
    new GetCommand({ TableName: music(), Key: pointerKey, ConsistentRead: true }),
  );
  return Item?.objectKey;
}
async function put(change: (before: string) => string): Promise<void> {
  const target = { Bucket: aws.bucket, Key: await objectKey() };
  const { Body } = await deps.s3.send(new GetObjectCommand(target));
  const text = (await Body?.transformToString()) ?? "";
  await deps.s3.send(new PutObjectCommand({ ...target, Body: change(text) }));
}

const damages: Readonly<Record<string, () => Promise<unknown>>> = {
  missing: async () => deps.s3.send(new DeleteObjectCommand({ Bucket: aws.bucket, Key: await objectKey() })),
  empty: () => put(() => ""),
  "cut off": () => put((text) => text.slice(0, text.length / 2)),
  "JSON of something else": () => put(() => "{}"),
  "JSON of nothing": () => put(() => "null"),
  "changed in one letter": () => put((text) => text.replaceAll("quince", "quinze")),
  "without its row": () =>
    deps.database.client.send(new DeleteCommand({ TableName: music(), Key: pointerKey })),
  "of an earlier Encore": () =>
    deps.database.client.send(
      new UpdateCommand({
        TableName: music(),
        Key: pointerKey,
        UpdateExpression: "REMOVE #format",
        ExpressionAttributeNames: { "#format": "format" },
      }),
    ),
};

describe.each(Object.entries(damages))("A search index that is %s", (_, damage) => {
  it("is made again by the first search, once for all who ask", async () => {
    await found();
    await damage();
    const before = scans;
    const search = createSongSearch(deps);
    const answers = await Promise.all(Array.from({ length: 20 }, () => found(search)));
    for (const ids of answers) expect(ids.toSorted()).toEqual(everySong);
    expect(scans).toBe(before + 1);
    expect((await found()).sort()).toEqual(everySong);
    expect(scans).toBe(before + 1);
  });

  it("is made again by the next change, which is in it", async () => {
    await found();
    await damage();
    const record = { ...songRecord("song-0", { title: "Quince renamed" }), version: 2 };
    await createSearchIndexWriter(deps).apply({ put: [toSong(record)], remove: ["song-1"] });
    const { search } = await createSongSearch(deps).snapshot();
    expect(search("renamed").map(({ songId }) => songId)).toEqual(["song-0"]);
    expect(search("quince")).toHaveLength(records.length - 1);
    await createSearchIndexWriter(deps).apply({ put: records.slice(0, 2).map(toSong), remove: [] });
  });
});

it("A reader whose clock is put back learns of changes as before", async () => {
  const search = createSongSearch(deps);
  await found(search);
  clock.advance(-3_600);
  const record = { ...songRecord("song-0", { title: "Quince renamed" }), version: 2 };
  await createSearchIndexWriter(deps).apply({ put: [toSong(record)], remove: [] });
  expect((await search.snapshot()).search("renamed")).toHaveLength(1);
  await createSearchIndexWriter(deps).apply({ put: records.slice(0, 1).map(toSong), remove: [] });
  clock.advance(3_600);
});

describe("While another process makes a lost index again", () => {
  it("searches are refused for some seconds, and the table is left alone", async () => {
    await damages.missing?.();
    await claimRebuild(deps, 35_000);
    const before = scans;
    await expect(found()).rejects.toMatchObject({ kind: "unavailable", extras: { retryAfterSeconds: 3 } });
    expect(scans).toBe(before);
    await releaseRebuild(deps);
    expect((await found()).sort()).toEqual(everySong);
  });

  it("and dies, or its clock was ahead, another does", async () => {
    await damages.missing?.();
    await claimRebuild(deps, 35_000);
    clock.advance(36);
    expect(await found()).toHaveLength(records.length);
    await damages.missing?.();
    await claimRebuild(deps, 3_600_000);
    expect(await found()).toHaveLength(records.length);
  });

  it("a change that is published first wins", async () => {
    await damages.missing?.();
    const writer = createSearchIndexWriter(deps);
    const record = songRecord("song-new", { title: "Quince of a new song" });
    await Promise.all([found(), writer.apply({ put: [toSong(record)], remove: [] })]);
    expect(await found()).toContain("song-new");
    await writer.apply({ put: [], remove: ["song-new"] });
  });
});
