import { DeleteObjectCommand } from "@aws-sdk/client-s3";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createS3Client } from "../../../core/aws/clients.ts";
import { createConnectionStore } from "../../../core/aws/connection-store.ts";
import { createEndpointStore } from "../../../core/aws/endpoint-store.ts";
import { createObjectStore } from "../../../core/aws/object-store.ts";
import { createSessionStore } from "../../../core/aws/session-store.ts";
import { createSongStore } from "../../../core/aws/song-store.ts";
import type { Song, SongPage } from "../../../core/contract/catalogue.ts";
import type { SubscriptionPage } from "../../../core/contract/subscriptions.ts";
import { sessionsAlive } from "../../../core/domain/accounts/authentication.ts";
import { createLeases } from "../../../core/domain/live/cluster/leases.ts";
import { sweepDeadEndpoints } from "../../../core/domain/live/cluster/sweep.ts";
import { accessOf, nodeAccess } from "../../../infra/aws/access.ts";
import { functionNames } from "../../../infra/aws/bundle.ts";
import type { ApiClient } from "../../support/api-client.ts";
import { openDevice } from "../../support/live-device.ts";
import { sampleAudio } from "../../support/sample-audio.ts";
import { samplePicture } from "../../support/sample-picture.ts";
import { until } from "../../support/until.ts";
import { grantsIn } from "./grants.ts";
import {
  accountLife,
  call,
  comeByTicket,
  deviceLife,
  reuseRefreshToken,
  signUp,
  startUpload,
  uploadSong,
} from "./life.ts";
import { startWatchedWorld, type Watched, type WatchedWorld } from "./watched-world.ts";

let world: WatchedWorld;
let curator: ApiClient;
let songs: [Song, Song];
const clock = { now: () => new Date() };
const liveUrl = (url: string, path: string) => `${url.replace("http:", "ws:")}${path}`;

beforeAll(async () => {
  world = await startWatchedWorld();
  curator = await signUp(world, "curator");
  songs = [await uploadSong(curator, "First", 440), await uploadSong(curator, "Second", 550)];
});
afterAll(() => world.close());

/** Past every watch, as an accident. */
async function loseObject(key: string): Promise<void> {
  const { s3Endpoint: endpoint, region, credentials, bucket } = world.aws;
  const s3 = createS3Client({ endpoint, region, credentials });
  await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
  s3.destroy();
}

const connections = () => createConnectionStore(world.database, clock);
const rowAt = (endpointId: string, userId: string) => ({
  connectionId: ulid(),
  userId,
  sessionId: ulid(),
  endpointId,
  stamp: ulid(),
  since: new Date().toISOString(),
});

describe("What the functions and a node may do is enough", () => {
  it("to upload songs, also badly", async () => {
    const { uploadId } = await startUpload(curator, await sampleAudio({ tone: 660 }));
    const answer = await curator.request("POST", `/api/uploads/${uploadId}/complete`);
    expect((await answer.json()).detail).toBe("No part of the file has been uploaded");
    const noise = Buffer.from("no music ".repeat(1_000));
    const bad = await startUpload(curator, noise);
    await fetch(bad.parts[0]?.url ?? "", { method: "PUT", body: new Uint8Array(noise) });
    const refused = await curator.request("POST", `/api/uploads/${bad.uploadId}/complete`);
    expect(refused.status).toBe(422);
    expect(await curator.get(`/api/uploads/${bad.uploadId}`)).toMatchObject({ state: "failed" });
    const other = await startUpload(curator, await sampleAudio({ tone: 770 }));
    await call(curator, "DELETE", `/api/uploads/${other.uploadId}`);
  });

  it("to find them", async () => {
    const found = async (query: string) => (await curator.get<SongPage>(`/api/songs${query}`)).items.length;
    await until("the index", async () => (await found("?q=second")) === 1);
    expect(await found("")).toBe(2);
    expect(await found("?artist=The%20Sines")).toBe(2);
    expect(await found("?year=2020")).toBe(2);
    const [{ songId, albumId, artistId }] = songs;
    for (const path of ["/api/albums", "/api/artists", `/api/albums/${albumId}`, `/api/artists/${artistId}`])
      await curator.get(path);
    await call(curator, "PATCH", `/api/songs/${songId}`, { title: "Other" });
  });

  it("to give a song another cover", async () => {
    const answer = await fetch(`${world.url}/api/songs/${songs[0].songId}/cover`, {
      method: "PUT",
      headers: { authorization: `Bearer ${curator.accessToken}`, "content-type": "image/jpeg" },
      body: new Uint8Array(await samplePicture()),
    });
    songs[0] = (await answer.json()) as Song;
    expect(answer.status).toBe(200);
  });

  it("to subscribe, and to leave", async () => {
    const client = await signUp(world);
    const path = `/api/subscriptions/${songs[0].songId}`;
    await call(client, "PUT", path, { rating: 5 });
    await call(client, "PATCH", path, { pinned: true });
    const { epoch } = await client.get<SubscriptionPage>("/api/subscriptions");
    await client.get(`/api/subscriptions?since=1&epoch=${epoch}`);
    await call(client, "DELETE", path);
    expect(await reuseRefreshToken(world.url, client.email)).toBe(401);
    await accountLife(world, client);
  });

  it("to live at the gateway", async () => {
    const client = await signUp(world);
    await client.get("/api/live");
    await deviceLife(liveUrl(world.url, "/gateway"), client, songs[0].songId);
    await comeByTicket(liveUrl(world.url, "/gateway"), client);
  });

  it("to live at a node, and to listen there", async () => {
    const client = await signUp(world);
    await deviceLife(liveUrl(world.node.url, "/live"), client, songs[0].songId);
    await comeByTicket(liveUrl(world.node.url, "/live"), client);
    const authorization = `Bearer ${client.accessToken}`;
    const get = async (path: string) => {
      const answer = await fetch(`${world.node.url}${path}`, { headers: { authorization } });
      await answer.arrayBuffer();
      return answer.status;
    };
    // A plan that hears a premium song hears a preview; the other the whole.
    expect(await get(songs[0].streamUrl)).toBe(200);
    await call(client, "PUT", "/api/me/plan", { plan: "hifi" });
    await until("the plan", async () => (await get(songs[0].streamUrl)) === 200);
    expect(await get(songs[0].coverUrl ?? "")).toBe(200);
    const record = await createSongStore(world.database).get(songs[1].songId);
    await loseObject(record?.audio.key ?? "");
    expect(await get(songs[1].streamUrl)).toBe(404);
  });

  it("for operators to look on, and to end a session", async () => {
    const ops = await signUp(world, "ops");
    await ops.get("/api/ops/summary");
    for (const url of [liveUrl(world.url, "/gateway"), liveUrl(world.node.url, "/live")]) {
      const client = await signUp(world);
      const device = await openDevice(url, client.accessToken);
      const { connectionId } = await device.hello();
      const { userId } = await client.get<{ userId: string }>("/api/me");
      expect((await ops.get<{ items: unknown[] }>("/api/ops/connections")).items.length).toBeGreaterThan(0);
      await ops.get(`/api/ops/connections?userId=${userId}`);
      await call(ops, "DELETE", `/api/ops/connections/${connectionId}`);
      await device.closed;
      expect((await client.request("GET", "/api/me")).status).toBe(401);
    }
  });

  it("to clean up after a node that died", async () => {
    const client = await signUp(world);
    const { userId } = await client.get<{ userId: string }>("/api/me");
    await connections().writeMany([{ op: "put", row: rowAt(ulid(), userId) }]);
    await call(client, "PUT", "/api/me/plan", { plan: "plus" });
    await until("the push", async () => (await connections().ofUser(userId)).connections.length === 0);

    // A node's own timers, by hand.
    const endpoints = createEndpointStore(world.nodeDatabase);
    const dead = { endpointId: ulid(), kind: "node" as const, address: "http://127.0.0.1:9", leaseUntil: 1 };
    await endpoints.put(dead);
    await endpoints.renew(dead.endpointId, 1);
    await connections().writeMany([{ op: "put", row: rowAt(dead.endpointId, userId) }]);
    const leases = createLeases({ clock, elapsedMs: () => performance.now() });
    const nodes = { connections: createConnectionStore(world.nodeDatabase, clock), endpoints, leases };
    expect(await sweepDeadEndpoints(nodes)).toBe(1);
    expect(await sweepDeadEndpoints(nodes)).toBe(0);
    const sessions = createSessionStore(world.nodeDatabase);
    expect(await sessionsAlive({ sessions, clock }, [ulid()])).toEqual(new Set());
  });

  it("to sweep objects that no song has", async () => {
    const s3 = createS3Client({
      endpoint: world.aws.s3Endpoint,
      region: world.aws.region,
      credentials: world.aws.credentials,
    });
    const objects = createObjectStore({ client: s3, bucket: world.aws.bucket });
    const orphans = ["audio", "previews", "covers"].map((kind) => `${kind}/${ulid()}/${ulid()}`);
    for (const key of orphans) await objects.put({ key, body: new Uint8Array(1), contentType: "audio/mpeg" });
    await world.sweepObjects(new Date(Date.now() + 3 * 86_400_000));
    for (const key of orphans) expect(await objects.head(key)).toBeUndefined();
    s3.destroy();
  });

  it("to remove a song", async () => {
    await call(curator, "DELETE", `/api/songs/${songs[1].songId}`);
  });
});

/** What no test here brings about: two things that happen at the same moment. */
const rarely: Partial<Record<Watched, readonly string[]>> = {
  // A search that finds the index lost makes it again (test/core/aws/search-index-store.test.ts), or loads it just when
  // two newer ones have been written.
  catalogue: [
    "music.Scan",
    "music.UpdateItem",
    "search/.PutObject",
    "search/.DeleteObject",
    "bucket.ListBucket",
  ],
  "index-music": ["bucket.ListBucket"],
  // Two uploads of the same bytes, of which one steps back; and one whose parts are gone when it is processed.
  "process-uploads": ["music.DeleteItem", "bucket.ListBucket"],
};

describe("What may be done is no more than what is done", () => {
  it.each([...functionNames, "node" as const])("by %s", (name) => {
    const { used, refused } = world.watches[name];
    const granted = grantsIn(name === "node" ? nodeAccess : accessOf[name]);
    expect([...refused]).toEqual([]);
    expect(granted.filter((line) => !used.has(line) && !rarely[name]?.includes(line))).toEqual([]);
  });
});
