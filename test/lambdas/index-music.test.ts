import { marshall } from "@aws-sdk/util-dynamodb";
import type { DynamoDBStreamEvent } from "aws-lambda";
import { expect, it } from "vitest";
import { toRow } from "../../core/aws/song-row.ts";
import type { SearchIndexWriter } from "../../core/domain/catalogue/ports.ts";
import { createIndexMusicHandler } from "../../lambdas/index-music.ts";
import { songRecord } from "../support/songs.ts";

type Changes = Parameters<SearchIndexWriter["apply"]>[0];

/** What is applied to the index for one record of the stream. */
async function applied(before: object | undefined, after: object | undefined): Promise<Changes[]> {
  const changes: Changes[] = [];
  const handler = createIndexMusicHandler({ index: { apply: async (change) => void changes.push(change) } });
  const image = (row: object | undefined) => row && marshall(row, { removeUndefinedValues: true });
  const dynamodb = { Keys: marshall({ songId: "song-1" }), OldImage: image(before), NewImage: image(after) };
  await handler({ Records: [{ dynamodb }] } as unknown as DynamoDBStreamEvent);
  return changes;
}

const row = toRow(songRecord("song-1"));
const put = [expect.objectContaining({ songId: "song-1" })];

it.each([
  ["a new song", undefined, row, [{ put, remove: [] }]],
  ["a correction", row, toRow(songRecord("song-1", { title: "Other" })), [{ put, remove: [] }]],
  ["a removal", row, undefined, [{ put: [], remove: ["song-1"] }]],
  ["a migration, which changes nothing that is shown", { ...row, albumKey: "old" }, row, []],
  ["what is no song", undefined, { songId: "sha#0" }, []],
])("%s", async (_, before, after, changes) => {
  expect(await applied(before, after)).toEqual(changes);
});
