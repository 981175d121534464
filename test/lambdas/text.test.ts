import { readFile } from "node:fs/promises";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createSongStore } from "../../core/aws/song-store.ts";
import { createAudioInspector } from "../../lambdas/audio/inspect.ts";
import { type SignedUp, signUp, testDatabase } from "../support/accounts.ts";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { sampleAudio } from "../support/sample-audio.ts";
import { songRecord } from "../support/songs.ts";
import { announce, sha256Of } from "../support/uploads.ts";

const inspector = createAudioInspector();

let world: RestWorld;
let curator: SignedUp;

beforeAll(async () => {
  world = await startRestWorld();
  curator = await signUp(world.auth, { role: "curator" });
  await createSongStore(testDatabase(world.aws)).put(songRecord("song-1"));
});
afterAll(() => world.close());

type Field = {
  readonly method: string;
  readonly path: string;
  readonly bodyOf: (text: string) => object;
};

const account = { password: "correct horse battery", session: "bearer" };
let emails = 0;
const email = () => `text-${emails++}@example.com`;

/** Every field of the API that holds text which people read, by the path that refusals name it with. */
const fields: Readonly<Record<string, Field>> = {
  "body/userName": {
    method: "POST",
    path: "/api/auth/register",
    bodyOf: (userName) => ({ ...account, email: email(), userName }),
  },
  "body/deviceName": {
    method: "POST",
    path: "/api/auth/register",
    bodyOf: (deviceName) => ({ ...account, email: email(), userName: "x", deviceName }),
  },
  "body/tags/1": {
    method: "PUT",
    path: "/api/subscriptions/song-1",
    bodyOf: (tag) => ({ tags: ["first", tag] }),
  },
  "body/fileName": {
    method: "POST",
    path: "/api/uploads",
    bodyOf: (fileName) => ({ ...announce(Buffer.from("x")), fileName }),
  },
  ...Object.fromEntries(
    ["title", "artist", "album", "albumArtist", "genre"].map((name) => [
      `body/${name}`,
      { method: "PATCH", path: "/api/songs/song-1", bodyOf: (text: string) => ({ [name]: text }) },
    ]),
  ),
  ...Object.fromEntries(
    ["artists", "genres"].map((name) => [
      `body/${name}/1`,
      { method: "PATCH", path: "/api/songs/song-1", bodyOf: (text: string) => ({ [name]: ["first", text] }) },
    ]),
  ),
};

const send = ({ method, path, bodyOf }: Field, text: string) =>
  world.call(method, path, { token: curator.accessToken, body: bodyOf(text) });

describe.each(Object.entries(fields))("The field %s", (path, field) => {
  it.each(["a\u0007", "gnp.\u202Egpj", "\u3164\u200B", "\u0085"])(
    "is refused as %j, by its name",
    async (text) => {
      const { kind, errors = [] } = problemOf(await send(field, text));
      expect(kind).toBe("invalid-request");
      expect(errors).toEqual([
        {
          path,
          message: "must be visible text without control characters or characters that change its direction",
        },
      ]);
    },
  );

  it("is refused with half of an emoji", async () => {
    const answer = await send(field, "a\ud83d");
    expect(problemOf(answer)).toMatchObject({
      kind: "invalid-request",
      detail: expect.stringMatching("Unicode"),
    });
  });

  it("takes every script", async () => {
    for (const text of ["👨‍👩‍👧‍👦 می‌خواهم", "日本語", "e\u0301\u3000"])
      expect((await send(field, text)).status, text).toBeLessThan(300);
  });
});

it("is told as it is kept: composed, trimmed, tags once", async () => {
  const token = curator.accessToken;
  const song = await world.call("PATCH", "/api/songs/song-1", {
    token,
    body: { title: " e\u0301te\u0301 " },
  });
  expect(song.body.title).toBe("été");
  const tags = ["e\u0301", "é", " é "];
  const subscribed = await world.call("PUT", "/api/subscriptions/song-1", { token, body: { tags } });
  expect(subscribed.body.subscription.tags).toEqual(["é"]);
});

describe("The tags of a file", () => {
  const inspect = (bytes: Buffer) =>
    inspector.inspect(Readable.from([bytes]), { sizeBytes: bytes.length, sha256: sha256Of(bytes) });

  it("are cut between characters", async () => {
    const bytes = await readFile(new URL("../cases/23-emoji-at-the-cut/emoji.mp3", import.meta.url));
    const { title = "" } = await inspect(bytes);
    expect([...title].length).toBeLessThanOrEqual(200);
    expect([...title].length).toBeGreaterThan(150);
    expect(title.isWellFormed()).toBe(true);
    expect(title).not.toContain("\ufffd");
  });

  it("are cleaned, and are none where nothing can be seen", async () => {
    const tags = { title: "A\u202E b\u0007", artist: "\u3164", album: "e\u0301" };
    const { title, artist, album } = await inspect(await sampleAudio({ format: "flac", tags }));
    expect({ title, artist, album }).toEqual({ title: "A b", artist: undefined, album: "é" });
  });
});

it("A body that is nested deep is refused, and is at no fault of ours", async () => {
  const body = `{"tags":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  const answer = await world.call("PUT", "/api/subscriptions/song-1", { token: curator.accessToken, body });
  expect(problemOf(answer).kind).toBe("invalid-request");
});

// Each place tried anew would be billions of steps, in which the process answers nobody.
it.each(["a", "\u00a0", " ", "@"])(
  "A text of 100,000 times %o is refused at once, from anybody and in each field",
  async (character) => {
    const text = `${character.repeat(100_000)}\u0007`;
    for (const [path, field] of Object.entries(fields)) {
      const refused = problemOf(await send(field, text));
      expect([path, refused.kind]).toEqual([path, "invalid-request"]);
    }
    const body = { ...account, email: text, userName: "x" };
    expect((await world.call("POST", "/api/auth/register", { body })).status).toBe(400);
  },
);
