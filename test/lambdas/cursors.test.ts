import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConnectionStore } from "../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../core/aws/endpoint-store.ts";
import { createSongStore } from "../../core/aws/song-store.ts";
import { type SignedUp, signUp, testDatabase } from "../support/accounts.ts";
import { problemOf, type RestWorld, startRestWorld } from "../support/rest-world.ts";
import { songRecord } from "../support/songs.ts";
import { until } from "../support/until.ts";

let world: RestWorld;
const users: Record<string, SignedUp> = {};

beforeAll(async () => {
  world = await startRestWorld();
  for (const role of ["listener", "curator", "ops"] as const)
    users[role] = await signUp(world.auth, { role });
  const database = testDatabase(world.aws);
  const songs = createSongStore(database);
  for (let at = 0; at < 6; at++)
    await songs.put(
      songRecord(`song-${at}`, {
        title: `Song ${at}`,
        album: `Album ${at}`,
        artist: `Artist ${at}`,
        albumArtist: `Artist ${at}`,
        year: 2000,
      }),
    );
  await addConnections();
  for (let at = 0; at < 6; at++) await call("PUT", `/api/subscriptions/song-${at}`, { body: {} });
  await until("the index has every song", async () => {
    const { body } = await call("GET", "/api/songs?q=song");
    return body.items?.length === 6;
  });
});
afterAll(() => world.close());

type Call = { readonly as?: string; readonly body?: unknown };
const call = (method: string, path: string, { as = "listener", body }: Call = {}) =>
  world.call(method, path, { token: users[as]?.accessToken ?? "", ...(body !== undefined && { body }) });

/** Six live connections of an endpoint that is alive. */
async function addConnections(): Promise<void> {
  const database = testDatabase(world.aws);
  const clock = { now: () => new Date() };
  const leaseUntil = Date.now() + 3_600_000;
  await createEndpointStore(database).put({
    endpointId: "node-1",
    kind: "node",
    address: "http://127.0.0.1:1",
    leaseUntil,
  });
  await createConnectionStore(database, clock).writeMany(
    Array.from({ length: 6 }, (_, at) => ({
      op: "put" as const,
      row: {
        userId: `user-${at}`,
        connectionId: `connection-${at}`,
        sessionId: users.listener?.actor.sessionId ?? "",
        endpointId: "node-1",
        stamp: "x",
        since: new Date().toISOString(),
        ttl: Math.ceil(Date.now() / 1000) + 3_600,
      },
    })),
  );
}

/** Every list with pages, and who may ask for it. */
const lists = {
  songs: "/api/songs?limit=2",
  "songs with a title": "/api/songs?limit=2&title=song",
  "songs of a year": "/api/songs?limit=2&year=2000",
  search: "/api/songs?limit=2&q=song",
  albums: "/api/albums?limit=2",
  artists: "/api/artists?limit=2",
  subscriptions: "/api/subscriptions?limit=2",
  connections: "/api/ops/connections?limit=2",
};
const asker = (path: string) => (path.startsWith("/api/ops") ? "ops" : "listener");
const page = (path: string, cursor?: string, as = asker(path)) =>
  call("GET", cursor === undefined ? path : `${path}&cursor=${encodeURIComponent(cursor)}`, { as });

async function cursorOf(path: string): Promise<string> {
  const { body } = await page(path);
  expect(body.nextCursor).toEqual(expect.any(String));
  return body.nextCursor;
}

/** What a cursor says, and one that says something else in the same form. */
const positionIn = (cursor: string) => JSON.parse(Buffer.from(cursor, "base64url").subarray(16).toString());
const unsigned = (position: unknown) => Buffer.from(JSON.stringify(position)).toString("base64url");
const altered = (cursor: string, position: unknown) =>
  Buffer.concat([
    Buffer.from(cursor, "base64url").subarray(0, 16),
    Buffer.from(JSON.stringify(position)),
  ]).toString("base64url");

const wrong = [
  "",
  "x",
  "\0",
  "x".repeat(1_100),
  "\u{10ffff}".repeat(20),
  0,
  -1,
  1e308,
  0.5,
  null,
  {},
  [],
  true,
];

describe.each(Object.entries(lists))("The cursor of the list of %s", (_, path) => {
  it("goes on in its list, to its end", async () => {
    const ids = new Set<string>();
    let cursor: string | undefined;
    do {
      const { status, body } = await page(path, cursor);
      expect(status).toBe(200);
      for (const item of body.items)
        ids.add(item.connectionId ?? item.songId ?? item.albumId ?? item.artistId);
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(ids.size).toBe(6);
  });

  it("is refused where any of it was changed", async () => {
    const cursor = await cursorOf(path);
    const position = positionIn(cursor);
    const positions = Object.keys(position).flatMap((name) =>
      wrong.map((value) => ({ ...position, [name]: value })),
    );
    const cursors = [
      ...positions.flatMap((one) => [altered(cursor, one), unsigned(one)]),
      ...[altered(cursor, { ...position, more: 1 }), `${cursor}.`, `${cursor} `, cursor.slice(0, -2)],
      ...["e30", "bnVsbA", "W10", cursor.slice(22), "%00", "__proto__"],
    ];
    for (const one of cursors.filter((text) => text !== cursor && text !== "")) {
      const answer = await page(path, one);
      expect([one, answer.status]).toEqual([one, 400]);
      expect(["invalid-cursor", "invalid-request"]).toContain(problemOf(answer).kind);
    }
  });

  it("is refused in every other list, and with another filter", async () => {
    const cursor = await cursorOf(path);
    const others = [
      ...Object.values(lists).filter((one) => one !== path),
      "/api/songs?genre=jazz",
      "/api/songs?title=s",
    ];
    for (const other of others) {
      const answer = await page(other, cursor);
      expect([other, answer.status]).toEqual([other, 400]);
      expect(problemOf(answer).kind).toBe("invalid-cursor");
    }
  });
});

it("The cursor of a user's subscriptions is nobody else's", async () => {
  const cursor = await cursorOf(lists.subscriptions);
  expect(problemOf(await page(lists.subscriptions, cursor, "curator")).kind).toBe("invalid-cursor");
});

describe("A position that somebody made up with its digest", () => {
  const positions: readonly [string, readonly (string | null)[], unknown][] = [
    ["/api/songs?limit=2", ["songs", null, null, null, null, null, null], { after: "x".repeat(1_100) }],
    ["/api/songs?limit=2", ["songs", null, null, null, null, null, null], { after: "é".repeat(600) }],
    ["/api/songs?title=song", ["songs", null, "song", null, null, null, null], { after: "zzz" }],
    ["/api/songs?title=song", ["songs", null, "song", null, null, null, null], { after: "song\u{10ffff}" }],
    ["/api/songs?title=song", ["songs", null, "song", null, null, null, null], { after: "a" }],
    [
      "/api/ops/connections?limit=2",
      ["connections", null, null],
      { userId: "\0", connectionId: "\u{10ffff}".repeat(256) },
    ],
    ["/api/ops/connections?limit=2", ["connections", null, null], { userId: "", connectionId: "x" }],
  ];
  it.each(positions)("%s %j %j is at no fault of ours", async (path, scope, position) => {
    const json = JSON.stringify(position);
    const digest = createHash("sha256")
      .update(JSON.stringify([scope, json]))
      .digest()
      .subarray(0, 16);
    const cursor = Buffer.concat([digest, Buffer.from(json)]).toString("base64url");
    const answer = await page(path, cursor);
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 400) expect(problemOf(answer).kind).toBe("invalid-cursor");
  });
});

describe("A title whose folded form is long", () => {
  // One character that folds to eighteen: 6,600 bytes where a key holds 1,024.
  const long = "\uFDFA".repeat(200);

  it("can be given, listed, paged, found by its beginning, and told from another that begins alike", async () => {
    const titles = [long, `${long.slice(0, 199)}a`, `${long.slice(0, 199)}b`];
    for (const [at, title] of titles.entries()) {
      const answer = await call("PATCH", `/api/songs/song-${at}`, {
        as: "curator",
        body: { title, album: long, genre: long },
      });
      expect([answer.status, answer.body.title]).toEqual([200, title]);
    }
    const found: string[] = [];
    let cursor: string | undefined;
    do {
      const { body } = await page(
        `/api/songs?limit=1&title=${encodeURIComponent(long.slice(0, 199))}`,
        cursor,
      );
      found.push(...body.items.map(({ songId }: { songId: string }) => songId));
      cursor = body.nextCursor;
    } while (cursor !== undefined);
    expect(found.sort()).toEqual(["song-0", "song-1", "song-2"]);
    const one = await page(`/api/songs?title=${encodeURIComponent(titles[2] ?? "")}`);
    expect(one.body.items.map(({ songId }: { songId: string }) => songId)).toEqual(["song-2"]);
    for (const filter of ["album", "genre", "artist", "q"])
      expect((await page(`/api/songs?${filter}=${encodeURIComponent(long)}`)).status).toBe(200);
  });
});

it("The longest cursor that a list gives is one that its schema takes", async () => {
  // Characters that fold to eighteen, and such that JSON escapes.
  for (const [at, end] of ["a", "b"].entries()) {
    const name = `${'"'.repeat(150)}${"\uFDFA".repeat(49)}${end}`;
    const body = { title: name, album: name, albumArtist: name, artist: name };
    expect((await call("PATCH", `/api/songs/song-${at}`, { as: "curator", body })).status).toBe(200);
  }
  for (const path of ["/api/songs?limit=1", "/api/albums?limit=1", "/api/artists?limit=1"]) {
    const cursor = await cursorOf(path);
    expect((await page(path, cursor)).status).toBe(200);
  }
});

it.each(["title", "artist", "album", "genre", "q"])(
  "A filter by a %s of which nothing is left is none that fails",
  async (name) => {
    for (const text of [" ", "\u0301", "\u3000"])
      expect((await page(`/api/songs?limit=2&${name}=${encodeURIComponent(text)}`)).status).toBe(200);
  },
);

it("A filter by the start of a title does not look into ids", async () => {
  const title = encodeURIComponent("song 5#song");
  expect((await page(`/api/songs?title=${title}`)).body.items).toEqual([]);
});
