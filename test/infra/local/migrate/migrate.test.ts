import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect, it, onTestFinished } from "vitest";
import { songsAreMigrated } from "../../../../core/aws/migrate-songs.ts";
import type { AlbumDetail, Song } from "../../../../core/contract/catalogue.ts";
import type { SubscriptionPage } from "../../../../core/contract/subscriptions.ts";
import { type Encore, startEncore } from "../../../../infra/local/start.ts";
import { databaseFor } from "../../../../lambdas/deps/stores.ts";
import { loginAt, registerAt } from "../../../support/api-client.ts";
import { oldSongRow } from "../../../support/old-song-row.ts";
import { runTool } from "../../../support/run-tool.ts";

const password = "battery-staple-migration";

/** Writes a song as an earlier Encore did, into what looks like its table. */
async function writeOldSong({ env }: Encore): Promise<void> {
  const { client, table } = databaseFor(env);
  await client.send(new PutCommand({ TableName: table("music"), Item: oldSongRow("song-1") }));
  await client.send(new DeleteCommand({ TableName: table("music"), Key: { songId: "schema#songs" } }));
}

it("songs of an earlier Encore are brought to this version: by a command, and by a start", async () => {
  const folder = await mkdtemp(join(tmpdir(), "encore-migrate-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  let migrated = 0;
  const start = () =>
    startEncore({
      env: { PORT: "0", DATA_DIR: folder, LOG_LEVEL: "silent" },
      demoTracks: 0,
      onSongMigrated: (done) => {
        migrated = done;
      },
    });
  const migrate = () => runTool("infra/local/migrate/main.ts", [], { DATA_DIR: folder });
  const told = (songs: number) => ({
    code: 0,
    stdout: `Songs that were brought from an earlier version to this one: ${songs}\n`,
  });

  const first = await start();
  onTestFinished(first.close);
  expect([migrated, await songsAreMigrated(databaseFor(first.env))]).toEqual([0, true]);
  await writeOldSong(first);
  const listener = await registerAt(first.url, password);
  await listener.request("PUT", "/api/subscriptions/song-1", { rating: 4 });
  expect(await migrate()).toMatchObject(told(1));
  await writeOldSong(first);
  await first.close();

  const second = await start();
  onTestFinished(second.close);
  expect(migrated).toBe(1);
  const again = await loginAt(second.url, listener.email, password);
  const { albumId } = await again.get<Song>("/api/songs/song-1");
  expect((await again.get<AlbumDetail>(`/api/albums/${albumId}`)).songs).toHaveLength(1);
  const subscriptions = await again.get<SubscriptionPage>("/api/subscriptions");
  expect(subscriptions).toMatchObject({ items: [{ songId: "song-1", rating: 4, revision: 1 }] });
  await second.close();
  expect(await migrate()).toMatchObject(told(0));
}, 120_000);
