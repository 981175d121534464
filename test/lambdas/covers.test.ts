import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSongStore } from "../../core/aws/song-store.ts";
import { maxCoverBytes } from "../../core/contract/covers.ts";
import { coverFor, objectKeysOf } from "../../core/domain/catalogue/record.ts";
import { putCover } from "../../core/domain/uploads/put-cover.ts";
import { coversDeps } from "../../lambdas/deps/covers.ts";
import { signUp, testDatabase } from "../support/accounts.ts";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { samplePicture } from "../support/sample-picture.ts";
import { songRecord } from "../support/songs.ts";

let world: RestWorld;
let curator: string;
let songs: ReturnType<typeof createSongStore>;

beforeAll(async () => {
  world = await startRestWorld();
  curator = (await signUp(world.auth, { role: "curator" })).accessToken;
  songs = createSongStore(testDatabase(world.aws));
});
afterAll(() => world.close());

let last = 0;
async function newSong(): Promise<string> {
  const song = songRecord(`song-${++last}`);
  await songs.put(song);
  return song.songId;
}

const put = (songId: string, body: Buffer, contentType = "image/jpeg", token = curator) =>
  world.call("PUT", `/api/songs/${songId}/cover`, { token, body, headers: { "content-type": contentType } });

describe("A cover that a curator gives", () => {
  it("is the song's from then on, in all sizes, until there is another; the same again changes nothing", async () => {
    const songId = await newSong();
    const [red, green] = [await samplePicture(), await samplePicture({ format: "png", colour: "#20c040" })];
    const first = await put(songId, red);
    expect(first).toMatchObject({ status: 200, body: { songId, coverUrl: expect.any(String) } });
    const before = await songs.get(songId);
    expect((await put(songId, red)).body).toEqual(first.body);
    expect(await songs.get(songId)).toEqual(before);

    const second = await put(songId, green, "image/png; charset=binary");
    expect(second.body.coverUrl).not.toBe(first.body.coverUrl);
    const record = await songs.get(songId);
    expect(record?.version).toBe((before?.version ?? 0) + 1);
    const { objects } = coversDeps(world.env);
    for (const pixels of [160, 320, 640]) {
      const { key, sizeBytes } = coverFor(record?.cover ?? expect.fail(), pixels);
      expect(await objects.head(key)).toMatchObject({ sizeBytes, contentType: "image/jpeg" });
    }
    // A sweep that deletes what was before cannot touch it.
    expect((await put(songId, red)).status).toBe(200);
    const again = objectKeysOf((await songs.get(songId)) ?? expect.fail());
    expect(
      again.filter((key) => before && objectKeysOf(before).includes(key) && key.startsWith("covers/")),
    ).toEqual([]);
  });

  it("does not undo what somebody else changes at the same time", async () => {
    const songId = await newSong();
    const deps = coversDeps(world.env);
    const slow = {
      ...deps.covers,
      async resize(...call: Parameters<typeof deps.covers.resize>) {
        await world.call("PATCH", `/api/songs/${songId}`, { token: curator, body: { title: "Meanwhile" } });
        return deps.covers.resize(...call);
      },
    };
    const actor = { userId: "curator", sessionId: "session", role: "curator" } as never;
    const song = await putCover({ ...deps, covers: slow }, actor, { songId, bytes: await samplePicture() });
    expect(song).toMatchObject({ title: "Meanwhile", coverUrl: expect.any(String) });
  });

  it("is refused where it is none, and the song keeps its own", async () => {
    const songId = await newSong();
    const picture = await samplePicture();
    await put(songId, picture);
    const before = await songs.get(songId);
    const refused = [
      [await put(songId, Buffer.from("<svg/>"), "image/svg+xml"), "unsupported-media-type"],
      [await put(songId, Buffer.from("<svg/>")), "bad-picture"],
      // libvips would read it, and no browser shows it.
      [await put(songId, await sharp(picture).tiff().toBuffer()), "bad-picture"],
      [await put(songId, picture.subarray(0, 20)), "bad-picture"],
      [await put(songId, Buffer.alloc(maxCoverBytes + 1, picture)), "too-large"],
      [await put(songId, Buffer.alloc(0)), "invalid-request"],
      [await put("nobody", picture), "not-found"],
    ] as const;
    for (const [answer, kind] of refused) expect(problemOf(answer).kind).toBe(kind);
    expect(await songs.get(songId)).toEqual(before);
    const listener = (await signUp(world.auth)).accessToken;
    expect(problemOf(await put(songId, picture, "image/jpeg", listener)).kind).toBe("not-allowed");
  });

  it("of as many bytes as it may have comes through the gateway", async () => {
    const songId = await newSong();
    const picture = await samplePicture();
    // What follows a picture is no part of it.
    const large = Buffer.concat([picture, Buffer.alloc(maxCoverBytes - picture.length)]);
    expect((await put(songId, large)).status).toBe(200);
  });
});
