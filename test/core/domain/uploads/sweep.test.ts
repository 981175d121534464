import { beforeAll, beforeEach, expect, it } from "vitest";
import type { Actor } from "../../../../core/domain/actor.ts";
import { objectKeysOf } from "../../../../core/domain/catalogue/record.ts";
import { deleteSong } from "../../../../core/domain/catalogue/songs.ts";
import { sweepObjects } from "../../../../core/domain/uploads/sweep.ts";
import { startTestAws, type TestAws } from "../../../support/engines.ts";
import { sampleAudio } from "../../../support/sample-audio.ts";
import { coverTag } from "../../../support/sample-picture.ts";
import { newActor } from "../../../support/subscriptions.ts";
import { uploadWorld } from "../../../support/uploads.ts";

let aws: TestAws;
let world: ReturnType<typeof uploadWorld>;
let curator: Actor;

beforeAll(() => {
  curator = { ...newActor(), role: "curator" };
});
beforeEach(async () => {
  aws = await startTestAws();
  world = uploadWorld(aws);
  return () => aws.close();
});

const images = [await coverTag()];

const upload = async (tone: number, more = {}) =>
  (
    await world.complete(
      curator,
      await world.send(curator, await sampleAudio({ tone, tags: { images } }), more),
    )
  ).songId;

/** Sweeps as if so many days had passed. */
const sweepAfter = (days: number) =>
  sweepObjects({
    objects: world.objects,
    songs: world.songs,
    clock: { now: () => new Date(Date.now() + days * 86_400_000) },
  });

async function keys(): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of world.objects.list("")) found.push(key);
  return found.sort();
}

it("What songs have stays, however old it is", async () => {
  for (const tone of [500, 510]) await upload(tone);
  const before = await keys();
  // Of each song: audio, preview, and the cover in three sizes.
  expect(before).toHaveLength(10);
  expect(await sweepAfter(1000)).toBe(0);
  expect(await keys()).toEqual(before);
});

it("What a function that died had put together goes when its upload has been over for a day", async () => {
  await upload(520);
  const before = await keys();
  for (const key of ["audio/nobody/1", "previews/nobody/1", "covers/nobody/1"])
    await world.objects.put({ key, body: new Uint8Array(9), contentType: "audio/mpeg" });
  expect(await sweepAfter(1.9)).toBe(0);
  expect(await sweepAfter(2.1)).toBe(3);
  expect(await keys()).toEqual(before);
});

it("What was replaced stays for two days, for those who hear it, and then goes", async () => {
  const songId = await upload(530);
  const old = await keys();
  await upload(540, { songId });
  expect(await sweepAfter(1.9)).toBe(0);
  // Audio and preview; the song keeps its cover.
  expect(await sweepAfter(2.1)).toBe(2);
  const record = await world.songs.get(songId);
  expect(await keys()).toEqual(record && objectKeysOf(record).sort());
  expect(old).toContain(record?.cover?.key);
});

it("More objects than one page of a listing are swept, and a cover that songs may share is not", async () => {
  await world.objects.put({
    key: `covers/${"0".repeat(64)}`,
    body: new Uint8Array(9),
    contentType: "image/png",
  });
  const orphans = Array.from({ length: 1_050 }, (_, at) => `audio/nobody/${at}`);
  for (const key of orphans)
    await world.objects.put({ key, body: new Uint8Array(1), contentType: "audio/mpeg" });
  expect(await sweepAfter(3)).toBe(orphans.length);
  expect(await keys()).toEqual([`covers/${"0".repeat(64)}`]);
});

it("A song that is deleted leaves nothing to sweep", async () => {
  const songId = await upload(550);
  const search = { snapshot: () => Promise.reject(new Error("Not asked here")) };
  await deleteSong({ songs: world.songs, objects: world.objects, search }, curator, { songId });
  expect(await keys()).toEqual([]);
});
