import { createHash } from "node:crypto";
import { ListObjectsV2Command } from "@aws-sdk/client-s3";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Client } from "../../core/aws/clients.ts";
import { createObjectStore } from "../../core/aws/object-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { uploadPartBytes } from "../../core/contract/uploads.ts";
import { signUp, testDatabase } from "../support/accounts.ts";
import { type Answer, problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { coverTag } from "../support/sample-picture.ts";
import { until } from "../support/until.ts";

let world: RestWorld;
let curator: string;
let listener: string;

beforeAll(async () => {
  world = await startRestWorld({ uploadQuotaGiB: 1 });
  curator = (await signUp(world.auth, { role: "curator" })).accessToken;
  listener = (await signUp(world.auth)).accessToken;
});
afterAll(() => world.close());

const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const describeFile = (bytes: Buffer, more: object = {}) => ({
  fileName: "a file.mp3",
  sizeBytes: bytes.length,
  contentType: "audio/mpeg",
  sha256: sha256(bytes),
  ...more,
});
const start = (bytes: Buffer, more: object = {}, token = curator) =>
  world.call("POST", "/api/uploads", { token, body: describeFile(bytes, more) });
/** Asks again where a busy machine takes longer than one call waits. */
async function complete(uploadId: string, token = curator): Promise<Answer> {
  const answer = await world.call("POST", `/api/uploads/${uploadId}/complete`, { token });
  return answer.status === 202 ? complete(uploadId, token) : answer;
}

const statusOf = (uploadId: string, token = curator) =>
  world.call("GET", `/api/uploads/${uploadId}`, { token });

/** The keys of audio objects of just so many bytes. */
async function audioObjects(bytes: Buffer): Promise<string[]> {
  const { s3Endpoint: endpoint, region, credentials, bucket } = world.aws;
  const client = createS3Client({ endpoint, region, credentials });
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: "audio/" }));
  return Contents.flatMap(({ Key = "", Size }) => (Size === bytes.length ? Key : []));
}

async function putParts(
  { body }: Answer,
  bytes: Buffer,
  which: (partNumber: number) => boolean = () => true,
) {
  for (const { partNumber, url } of body.upload.parts) {
    if (!which(partNumber)) continue;
    const part = bytes.subarray((partNumber - 1) * uploadPartBytes, partNumber * uploadPartBytes);
    const answer = await fetch(url, { method: "PUT", body: new Uint8Array(part) });
    expect(answer.status).toBe(200);
  }
}

async function upload(bytes: Buffer, more: object = {}): Promise<Answer> {
  const started = await start(bytes, more);
  expect(started.status).toBe(200);
  await putParts(started, bytes);
  return complete(started.body.upload.uploadId);
}

const storedObject = (key: string) => {
  const { s3Endpoint: endpoint, region, credentials, bucket } = world.aws;
  return createObjectStore({ client: createS3Client({ endpoint, region, credentials }), bucket }).head(key);
};
const recordOf = (songId: string) => createSongStore(testDatabase(world.aws)).get(songId);

describe("An upload", () => {
  it("becomes a song by its tags, with cover and a preview of its own", async () => {
    const bytes = await sampleAudio({
      seconds: 35,
      tags: {
        title: "雪の歌",
        artist: "Ärzte",
        album: "Größer",
        trackNumber: 4,
        genre: "Jazz",
        date: new Date("1999-05-05"),
        images: [await coverTag({ format: "png", width: 900, height: 900 })],
      },
    });
    const { status, body } = await upload(bytes, { tier: "premium" });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      title: "雪の歌",
      artist: "Ärzte",
      album: "Größer",
      track: 4,
      genre: "Jazz",
      year: 1999,
      tier: "premium",
      contentType: "audio/mpeg",
      sizeBytes: bytes.length,
      hasPreview: true,
      coverUrl: expect.stringMatching(/^\/covers\/.+\?v=[0-9a-f]{16}$/),
    });
    expect(body.durationSeconds).toBeCloseTo(35, 0);
    const record = await recordOf(body.songId);
    const audio = await storedObject(record?.audio.key ?? "");
    const preview = await storedObject(record?.preview?.key ?? "");
    expect(audio).toMatchObject({ sizeBytes: bytes.length, etag: record?.audio.etag });
    expect(preview?.etag).toBe(record?.preview?.etag);
    expect(preview?.sizeBytes).toBeGreaterThan(bytes.length * 0.8);
    expect(preview?.sizeBytes).toBeLessThan(bytes.length * 0.9);
    const { cover } = record ?? {};
    expect(cover?.smaller?.map(({ pixels }) => pixels)).toEqual([160, 320]);
    for (const picture of [cover, ...(cover?.smaller ?? [])]) {
      const stored = await storedObject(picture?.key ?? "");
      expect(stored).toMatchObject({
        contentType: "image/jpeg",
        sizeBytes: picture?.sizeBytes,
        etag: picture?.etag,
      });
    }
  });

  it("whose picture is broken becomes a song without one", async () => {
    const broken = { data: new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]), mimeType: "image/jpeg" };
    const images = [{ ...broken, kind: "coverFront" as const }];
    const { status, body } = await upload(await sampleAudio({ tone: 590, tags: { images } }));
    expect([status, body.coverUrl]).toEqual([201, undefined]);
  });

  it.each(["mp3", "flac", "ogg", "m4a", "wav"] as const)(
    "of %s is known by its bytes, whatever it is called",
    async (format) => {
      const bytes = await sampleAudio({ format, tone: 600 });
      const { status, body } = await upload(bytes, {
        fileName: "what_is  this.xyz",
        contentType: "text/plain",
      });
      expect(status).toBe(201);
      const types = {
        mp3: "audio/mpeg",
        flac: "audio/flac",
        ogg: "audio/ogg",
        m4a: "audio/mp4",
        wav: "audio/wav",
      };
      expect(body).toMatchObject({
        contentType: types[format],
        title: "what is this",
        artist: "Unknown artist",
      });
      expect(body.durationSeconds).toBeCloseTo(1, 1);
    },
  );

  it("resumes with the parts that the store has, and may be started twice", async () => {
    const bytes = await sampleAudio({ format: "wav", seconds: 110, tone: 610 });
    const started = await start(bytes);
    expect(started.body.upload.parts).toHaveLength(3);
    await putParts(started, bytes, (partNumber) => partNumber === 2);
    const again = await start(bytes);
    expect(again.body.upload.uploadId).toBe(started.body.upload.uploadId);
    expect(again.body.upload.parts.map(({ uploaded }: { uploaded: boolean }) => uploaded)).toEqual([
      false,
      true,
      false,
    ]);
    await putParts(again, bytes, (partNumber) => partNumber !== 2);
    expect((await complete(again.body.upload.uploadId)).status).toBe(201);
  });

  it("of the same bytes is one song, at once or later, by whomever", async () => {
    const bytes = await sampleAudio({ tone: 620 });
    const other = (await signUp(world.auth, { role: "curator" })).accessToken;
    const [mine, theirs] = [await start(bytes), await start(bytes, {}, other)];
    await putParts(mine, bytes);
    await putParts(theirs, bytes);
    const answers = await Promise.all([
      complete(mine.body.upload.uploadId),
      complete(theirs.body.upload.uploadId, other),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const [one, another] = answers.map(({ body }) => body.songId);
    expect(one).toBe(another);
    expect((await start(bytes)).body).toEqual({ status: "exists", songId: one });
  });

  it("whose answer was lost is completed again to the same song", async () => {
    const bytes = await sampleAudio({ tone: 630 });
    const started = await start(bytes);
    await putParts(started, bytes);
    const first = await complete(started.body.upload.uploadId);
    expect(first.status).toBe(201);
    expect((await start(bytes)).body).toEqual({ status: "exists", songId: first.body.songId });
    const { uploadId } = started.body.upload;
    const again = await complete(uploadId);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect((await statusOf(uploadId)).body).toEqual({ uploadId, state: "done", song: first.body });
  });

  it("tells how far it is, to its curator alone, and cannot be given up when it is a song", async () => {
    const bytes = await sampleAudio({ tone: 635 });
    const started = await start(bytes);
    const { uploadId } = started.body.upload;
    expect((await statusOf(uploadId)).body).toEqual({ uploadId, state: "open" });
    const other = (await signUp(world.auth, { role: "curator" })).accessToken;
    expect((await statusOf(uploadId, other)).status).toBe(404);
    await putParts(started, bytes);
    const { body: song } = await complete(uploadId);
    expect((await world.call("DELETE", `/api/uploads/${uploadId}`, { token: curator })).status).toBe(404);
    expect(await storedObject((await recordOf(song.songId))?.audio.key ?? "")).toBeDefined();
  });

  it("can be given up, and is then gone", async () => {
    const bytes = await sampleAudio({ tone: 640 });
    const { uploadId } = (await start(bytes)).body.upload;
    const path = `/api/uploads/${uploadId}`;
    expect((await world.call("DELETE", path, { token: curator })).status).toBe(204);
    expect((await world.call("DELETE", path, { token: curator })).status).toBe(404);
    expect((await complete(uploadId)).status).toBe(404);
  });
});

describe("A replacement", () => {
  const newSong = async (tone: number) => {
    const bytes = await sampleAudio({ tone, seconds: 2, tags: { title: `Tone ${tone}` } });
    return { bytes, song: (await upload(bytes, { tier: "premium" })).body };
  };
  const replace = async (songId: string, bytes: Buffer) => {
    const started = await start(bytes, { songId });
    expect(started.status).toBe(200);
    await putParts(started, bytes);
    return complete(started.body.upload.uploadId);
  };

  it("gives a song other audio, whole, and leaves what curators have set", async () => {
    const { song } = await newSong(700);
    const patch = { title: "As it should be", year: 1977 };
    await world.call("PATCH", `/api/songs/${song.songId}`, { token: curator, body: patch });
    const before = await recordOf(song.songId);
    const bytes = await sampleAudio({ format: "flac", tone: 701, seconds: 3, tags: { title: "Not this" } });
    const { status, body } = await replace(song.songId, bytes);
    expect(status).toBe(201);
    expect(body).toMatchObject({
      songId: song.songId,
      ...patch,
      tier: "premium",
      addedAt: song.addedAt,
      contentType: "audio/flac",
      sizeBytes: bytes.length,
    });
    expect(body.durationSeconds).toBeCloseTo(3, 1);
    const after = await recordOf(song.songId);
    expect(after?.audio.etag).not.toBe(before?.audio.etag);
    expect(await storedObject(after?.audio.key ?? "")).toMatchObject({ sizeBytes: bytes.length });
    // Whoever hears it may hear it to the end.
    for (const key of [before?.audio.key, before?.preview?.key])
      expect(await storedObject(key ?? "")).toBeDefined();
  });

  it("frees the old bytes for a song of their own, and takes the new", async () => {
    const { bytes: old, song } = await newSong(710);
    const bytes = await sampleAudio({ tone: 711 });
    await replace(song.songId, bytes);
    expect((await start(bytes)).body).toEqual({ status: "exists", songId: song.songId });
    const again = await upload(old);
    expect(again.status).toBe(201);
    expect(again.body.songId).not.toBe(song.songId);
  });

  it("by the bytes that it has is none", async () => {
    const { bytes, song } = await newSong(720);
    const { songId } = song;
    expect((await start(bytes, { songId })).body).toEqual({ status: "exists", songId });
  });

  it("of two at once leaves the song with one of them, whole", async () => {
    const { song } = await newSong(730);
    const files = [await sampleAudio({ tone: 731 }), await sampleAudio({ format: "wav", tone: 732 })];
    const answers = await Promise.all(files.map((bytes) => replace(song.songId, bytes)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    const record = await recordOf(song.songId);
    const bytes = files.find((file) => sha256(file) === record?.sha256);
    expect(record?.audio.sizeBytes).toBe(bytes?.length);
    expect((await storedObject(record?.audio.key ?? ""))?.etag).toBe(record?.audio.etag);
    expect((await storedObject(record?.preview?.key ?? ""))?.etag).toBe(record?.preview?.etag);
  });

  it("of a song that is removed meanwhile is refused, and leaves nothing", async () => {
    const { song } = await newSong(740);
    const bytes = await sampleAudio({ tone: 741 });
    const started = await start(bytes, { songId: song.songId });
    await putParts(started, bytes);
    await world.call("DELETE", `/api/songs/${song.songId}`, { token: curator });
    const answer = await complete(started.body.upload.uploadId);
    expect(answer.status).toBe(404);
    expect(problemOf(answer).detail).toBe("The song was removed meanwhile");
    expect((await complete(started.body.upload.uploadId)).status).toBe(404);
    expect((await upload(bytes)).status).toBe(201);
  });

  it("by what is no audio leaves the song as it was", async () => {
    const { song } = await newSong(750);
    const before = await recordOf(song.songId);
    const answer = await replace(song.songId, Buffer.from("<html>".repeat(1_000)));
    expect(problemOf(answer).kind).toBe("bad-audio");
    expect(await recordOf(song.songId)).toEqual(before);
  });

  it("is refused for a song that is not there, for the bytes of another, and with a tier", async () => {
    const [{ song }, other] = [await newSong(760), await newSong(761)];
    const bytes = await sampleAudio({ tone: 762 });
    expect((await start(bytes, { songId: "nobody" })).status).toBe(404);
    const taken = await start(other.bytes, { songId: song.songId });
    expect(taken.status).toBe(409);
    expect(problemOf(taken).detail).toBe(`These bytes are the song ${other.song.songId} already`);
    expect((await start(bytes, { songId: song.songId, tier: "free" })).status).toBe(400);
    expect((await start(bytes, { songId: song.songId }, listener)).status).toBe(403);
  });
});

describe("An upload is refused, and leaves nothing behind,", () => {
  const noise = Buffer.from(Array.from({ length: 40_000 }, (_, at) => (at * 7919) % 251));

  it.each([
    ["when it is noise", async () => noise],
    ["when it is a program", async () => Buffer.concat([Buffer.from("\x7fELF"), Buffer.alloc(5_000, 1)])],
    ["when it is text", async () => Buffer.from("<html>".repeat(1_000))],
    [
      "when it was cut",
      async () => (await sampleAudio({ format: "flac", seconds: 20, tone: 650 })).subarray(0, 20_000),
    ],
    [
      "when it ends in its header",
      async () => (await sampleAudio({ format: "flac", tone: 651 })).subarray(0, 40),
    ],
  ])("%s", async (_, make) => {
    const bytes = await make();
    const started = await start(bytes);
    await putParts(started, bytes);
    const answer = await complete(started.body.upload.uploadId);
    expect(answer.status).toBe(422);
    const problem = problemOf(answer);
    expect(problem).toMatchObject({ kind: "bad-audio", detail: expect.any(String) });
    // Whoever missed the answer is told the same.
    const { uploadId } = started.body.upload;
    expect(problemOf(await complete(uploadId))).toMatchObject({ kind: "bad-audio", detail: problem.detail });
    expect((await statusOf(uploadId)).body).toMatchObject({
      state: "failed",
      problem: { kind: "bad-audio", detail: problem.detail },
    });
    await until("the file to be gone", async () => (await audioObjects(bytes)).length === 0);
    expect((await world.call("DELETE", `/api/uploads/${uploadId}`, { token: curator })).status).toBe(404);
    // The same bytes may be announced again, and come in anew.
    expect((await start(bytes)).body).toMatchObject({ status: "open", upload: { uploadId } });
  });

  it("when other bytes came than were announced", async () => {
    const bytes = await sampleAudio({ tone: 660 });
    const other = Buffer.from(bytes);
    other.writeUInt8(other.readUInt8(5_000) ^ 1, 5_000);
    const started = await start(bytes);
    await putParts(started, other);
    const answer = await complete(started.body.upload.uploadId);
    expect(answer.status).toBe(422);
    expect(problemOf(answer).detail).toContain("announced");
  });

  it("when a part is missing", async () => {
    const started = await start(await sampleAudio({ tone: 670 }));
    const answer = await complete(started.body.upload.uploadId);
    expect(answer.status).toBe(422);
    expect(problemOf(answer).kind).toBe("bad-audio");
  });

  it.each([
    { sizeBytes: 0 },
    { sizeBytes: 512 * 1024 * 1024 + 1 },
    { sizeBytes: "7" },
    { sha256: "x" },
    { fileName: "" },
    { contentType: "audio" },
    { tier: "gold" },
    { surprise: 1 },
  ])("when it is announced with %o", async (more) => {
    const answer = await start(Buffer.from("x"), more);
    expect(answer.status).toBe(400);
    expect(problemOf(answer).kind).toBe("invalid-request");
  });

  it("when it comes from a listener, and from nobody", async () => {
    const bytes = await sampleAudio({ tone: 680 });
    const answer = await start(bytes, {}, listener);
    expect(answer.status).toBe(403);
    expect(problemOf(answer).kind).toBe("not-allowed");
    expect((await world.call("POST", "/api/uploads", { body: describeFile(bytes) })).status).toBe(401);
  });

  it("when it is another curator's", async () => {
    const bytes = await sampleAudio({ tone: 690 });
    const { uploadId } = (await start(bytes)).body.upload;
    const other = (await signUp(world.auth, { role: "curator" })).accessToken;
    expect((await complete(uploadId, other)).status).toBe(404);
    expect((await world.call("DELETE", `/api/uploads/${uploadId}`, { token: other })).status).toBe(404);
  });
});

describe("A curator's day", () => {
  const half = (letter: string) => ({ sizeBytes: 512 * 1024 * 1024, sha256: letter.repeat(64) });

  it("has room for so many bytes, which an upload that is given up gives back", async () => {
    const token = (await signUp(world.auth, { role: "curator" })).accessToken;
    const begin = (letter: string) => start(Buffer.from("x"), half(letter), token);
    const first = await begin("a");
    expect((await begin("b")).status).toBe(200);
    const refused = await begin("c");
    expect(refused.status).toBe(403);
    expect(problemOf(refused)).toMatchObject({
      kind: "upload-quota",
      detail: "512 MiB are more than the 0 MiB left of today's 1024 MiB",
    });
    // Going on with one that was begun takes nothing.
    expect((await begin("a")).status).toBe(200);
    const { uploadId } = first.body.upload;
    expect((await world.call("DELETE", `/api/uploads/${uploadId}`, { token })).status).toBe(204);
    expect((await begin("c")).status).toBe(200);
    expect((await begin("a")).status).toBe(403);
  });

  it("is nobody else's", async () => {
    for (const _ of ["first", "second"]) {
      const token = (await signUp(world.auth, { role: "curator" })).accessToken;
      expect((await start(Buffer.from("x"), half("d"), token)).status).toBe(200);
      expect((await start(Buffer.from("x"), half("e"), token)).status).toBe(200);
    }
  });
});
