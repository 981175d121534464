import { PutCommand, ScanCommand, UpdateCommand } from "@aws-sdk/lib-dynamodb";
import { beforeEach, describe, expect, it, onTestFinished } from "vitest";
import type { Database } from "../../../core/aws/clients.ts";
import { migrateSongs, songsAreMigrated } from "../../../core/aws/migrate-songs.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import { toSong } from "../../../core/domain/catalogue/record.ts";
import { testDatabase } from "../../support/accounts.ts";
import { startTestAws } from "../../support/engines.ts";
import { oldSongRow } from "../../support/old-song-row.ts";

let database: Database;
beforeEach(async () => {
  const aws = await startTestAws();
  onTestFinished(() => aws.close());
  database = testDatabase(aws);
});

const put = (row: object) =>
  database.client.send(
    new PutCommand({ TableName: database.table("music"), Item: row as Record<string, unknown> }),
  );
const allRows = async () => {
  const { Items = [] } = await database.client.send(new ScanCommand({ TableName: database.table("music") }));
  return Items.sort((a, b) => (a.songId < b.songId ? -1 : 1));
};
const migrate = (onSong = () => {}, signal = new AbortController().signal) =>
  migrateSongs(database, { signal, onSong });

describe("A song of an earlier version", () => {
  it("is read as it is", async () => {
    await put(oldSongRow("song-1"));
    const record = await createSongStore(database).get("song-1");
    expect(record).not.toHaveProperty("genre");
    expect(record && toSong(record)).toMatchObject({
      title: "ガール",
      artist: "パス",
      genre: "Électro",
      genres: ["Électro"],
      compilation: false,
      artists: [{ name: "パス" }],
      albumArtists: [{ name: "パス" }],
    });
  });

  it("has today's keys after a migration, and is else the same", async () => {
    await put(oldSongRow("song-1"));
    const songs = createSongStore(database);
    const before = await songs.get("song-1");
    const { albumId } = toSong(before ?? expect.unreachable());
    expect(await songs.listAlbum(albumId)).toEqual([]);
    expect(await migrate()).toBe(1);
    expect(await songs.get("song-1")).toEqual(before);
    expect(await songs.listAlbum(albumId)).toEqual([before]);
    expect((await songs.list({ genre: "electro", album: "バス", titlePrefix: "ガ" }, 10)).records).toEqual([
      before,
    ]);
    const [, row] = await allRows();
    for (const name of ["artistKey", "artistFolded", "genreFolded", "genre"])
      expect(row).not.toHaveProperty(name);
  });
});

describe("A migration", () => {
  it("writes each row once, however often it runs, and no row that is no song", async () => {
    for (let at = 0; at < 40; at++) await put(oldSongRow(`song-${at}`));
    await put({ songId: "sha#0", etag: "x" });
    expect(await songsAreMigrated(database)).toBe(false);
    expect(await migrate()).toBe(40);
    const rows = await allRows();
    expect(await migrate()).toBe(0);
    expect(await allRows()).toEqual(rows);
    expect(await songsAreMigrated(database)).toBe(true);
    expect(rows.find(({ songId }) => songId === "sha#0")).toEqual({ songId: "sha#0", etag: "x" });
  });

  it("that is interrupted goes on where it was", async () => {
    for (let at = 0; at < 40; at++) await put(oldSongRow(`song-${at}`));
    const interrupted = new AbortController();
    let done = 0;
    const stop = () => {
      if (++done === 10) interrupted.abort(new Error("Interrupted"));
    };
    await expect(migrate(stop, interrupted.signal)).rejects.toThrow("Interrupted");
    expect(await songsAreMigrated(database)).toBe(false);
    const rest = (await allRows()).filter(({ schemaVersion }) => schemaVersion === undefined).length;
    expect(rest).toBeGreaterThan(0);
    expect(rest).toBeLessThan(40);
    expect(await migrate()).toBe(rest);
  });

  it("does not write over what changes meanwhile, nor bring back what is removed", async () => {
    for (const songId of ["song-1", "song-2", "song-3"]) await put(oldSongRow(songId));
    const songs = createSongStore(database);
    const corrected = { ...((await songs.get("song-1")) ?? expect.unreachable()), title: "New", version: 4 };
    const { promise, resolve } = Promise.withResolvers<void>();
    let scans = 0;
    database.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          const answer = await next(args);
          if (commandName === "ScanCommand" && ++scans === 1) {
            await songs.put(corrected);
            await songs.delete("song-2");
            // By an Encore of the earlier version, which still runs.
            const update = { UpdateExpression: "SET title = :t, version = :v" };
            const values = { ExpressionAttributeValues: { ":t": "Old Encore", ":v": 4 } };
            const key = { TableName: database.table("music"), Key: { songId: "song-3" } };
            await database.client.send(new UpdateCommand({ ...key, ...update, ...values }));
            resolve();
          }
          return answer;
        },
      { step: "initialize" },
    );
    expect(await migrate()).toBe(1);
    await promise;
    expect(await songs.get("song-1")).toEqual(corrected);
    expect(await songs.get("song-2")).toBeUndefined();
    expect(await songs.get("song-3")).toMatchObject({ title: "Old Encore", version: 4 });
    expect((await songs.list({ titlePrefix: "old" }, 10)).records).toHaveLength(1);
  });
});
