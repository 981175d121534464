import { once } from "node:events";
import { createConnection } from "node:net";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { createSongStore } from "../../../core/aws/song-store.ts";
import { openDevice } from "../../support/live-device.ts";
import { elapsed } from "../../support/live-node.ts";
import { type LiveWorld, startLiveWorld } from "../../support/live-world.ts";
import { songRecord } from "../../support/songs.ts";
import { until } from "../../support/until.ts";

let world: LiveWorld;
beforeAll(async () => {
  world = await startLiveWorld();
});
afterAll(() => world.close());

const rowsOf = async (userId: string) => (await world.connections.ofUser(userId)).connections;
type NodeOptions = Parameters<LiveWorld["startNode"]>[0];

async function startNode(options: NodeOptions = {}) {
  const node = await world.startNode(options);
  onTestFinished(() => node.stop());
  return node;
}

describe("A node", () => {
  it("cuts a flood off, and tells why", async () => {
    const node = await startNode();
    const device = await openDevice(node.url, (await world.newUser()).token);
    for (let at = 0; at < 200; at++) device.send({ type: "ping" });
    expect((await device.closed).code).toBe(4029);
    expect(device.of("bye")).toEqual([{ type: "bye", reason: "flood", retryAfterSeconds: 60 }]);
    expect(device.of("pong").length).toBeLessThanOrEqual(40);
    expect(node.live.hub.stats.ended.flood).toBe(1);
  });

  it("closes on a message that is too large", async () => {
    const node = await startNode();
    const device = await openDevice(node.url, (await world.newUser()).token);
    device.send(" ".repeat(16 * 1024 + 1));
    expect((await device.closed).code).toBe(1009);
  });

  it("refuses binary frames, and goes on", async () => {
    const node = await startNode();
    const device = await openDevice(node.url, (await world.newUser()).token);
    device.ws.send(Buffer.from('{"type":"ping"}'));
    await device.next("error", ({ problem }) => problem.kind === "invalid-request");
    expect((await device.hello()).revision).toBe(0);
  });

  it("tells revisions by itself, so that a lost push is found", async () => {
    const node = await startNode({ slots: 2, tickMs: 10 });
    const user = await world.newUser();
    const device = await openDevice(node.url, user.token);
    await device.hello();
    await device.next("pong", ({ revision }) => revision === 0);
    await world.subscribe(user, "song-1");
    await device.next("pong", ({ revision }) => revision === 1);
  });

  it("cuts a client that answers nothing any more", async () => {
    const node = await startNode({ slots: 2, tickMs: 50 });
    const user = await world.newUser();
    const client = createConnection(Number(new URL(node.base).port), "127.0.0.1");
    const key = "dGhlIHNhbXBsZSBub25jZQ==";
    client.write(
      `GET /live HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\nAuthorization: Bearer ${user.token}\r\n\r\n`,
    );
    client.resume().on("error", () => {});
    await once(client, "close");
    expect(node.live.hub.stats.ended.silent).toBe(1);
    await until("no row", async () => (await rowsOf(user.userId)).length === 0);
  });

  it("reads sessions again, for those whose end was not told", async () => {
    const node = await startNode({ slots: 2, tickMs: 10, turnsPerCheck: 1 });
    const user = await world.newUser();
    const stays = await openDevice(node.url, (await world.newUser()).token);
    const device = await openDevice(node.url, user.token);
    const session = await world.sessions.get(user.sessionId);
    // An end without a stream record: the session's time is over.
    if (session) await world.sessions.create({ ...session, ttl: 1 });
    expect((await device.closed).code).toBe(4001);
    expect(device.messages.at(-1)).toMatchObject({ type: "bye", reason: "session-ended" });
    await stays.hello();
  });

  it("bounds what waits for a device that does not read, then tells it to fetch the list", async () => {
    const node = await startNode({ tickMs: 20, slots: 1000 });
    const user = await world.newUser();
    const { epoch } = await world.subscribe(user, "song-1");
    const device = await openDevice(node.url, user.token);
    const { connectionId } = await device.hello({ epoch, since: 1 });
    device.ws.pause();
    const connection = node.live.hub.find(connectionId);
    const text = JSON.stringify({ type: "changes", from: 1, to: 2, changes: [], pad: "x".repeat(8_000) });
    for (let at = 0; at < 2_000; at++)
      node.live.hub.deliver({ posts: [{ connectionIds: [connectionId], text }], events: [] });
    expect(connection?.socket.bufferedAmount).toBeLessThanOrEqual(64 * 1024);
    expect(connection?.backlog?.texts.size).toBe(1);
    device.ws.resume();
    expect(await device.next("resync", () => true)).toEqual({ type: "resync", epoch, revision: 1 });
    await until("no backlog any more", () => connection?.backlog === undefined);
  });

  it("ends one that goes on not reading", async () => {
    const node = await startNode({ tickMs: 20, slots: 1000, slowTimeoutMs: 100 });
    const user = await world.newUser();
    const device = await openDevice(node.url, user.token);
    const { connectionId } = await device.hello();
    device.ws.pause();
    const text = JSON.stringify({ type: "changes", from: 1, to: 2, changes: [], pad: "x".repeat(8_000) });
    for (let at = 0; at < 2_000; at++)
      node.live.hub.deliver({ posts: [{ connectionIds: [connectionId], text }], events: [] });
    await until("the goodbye", () => node.live.hub.stats.ended["slow-consumer"] === 1);
    device.ws.resume();
    expect((await device.closed).code).toBe(4008);
    expect(device.of("bye")).toMatchObject([{ reason: "slow-consumer" }]);
  });

  it("tells every device of songs that came, changed or went", async () => {
    const node = await startNode({ catalogue: { everyMs: 1 } });
    const songs = createSongStore(world.database);
    const device = await openDevice(node.url, (await world.newUser()).token);
    await device.hello();
    const told = () => device.of("catalogue").map(({ changed }) => changed);
    await songs.put(songRecord("new"));
    await until("the new one", () => told().length === 1);
    await songs.put(songRecord("new", { title: "Another title", version: 2 }));
    await until("the renamed one", () => told().length === 2);
    await songs.delete("new");
    await until("the removed one", () => told().length === 3);
    expect(told()).toEqual([["new"], ["new"], ["new"]]);
  });

  it("tells one who has not read for a while that many songs have changed, not only the last", async () => {
    const node = await startNode({ tickMs: 20, slots: 1000 });
    const device = await openDevice(node.url, (await world.newUser()).token);
    const { connectionId } = await device.hello();
    device.ws.pause();
    const connection = node.live.hub.find(connectionId);
    const deliver = (message: object) =>
      node.live.hub.deliver({
        posts: [{ connectionIds: [connectionId], text: JSON.stringify(message) }],
        events: [],
      });
    for (let at = 0; at < 2_000; at++) deliver({ type: "playback", state: null, pad: "x".repeat(8_000) });
    deliver({ type: "catalogue", changed: ["s1"] });
    deliver({ type: "catalogue", changed: ["s2"] });
    expect(connection?.backlog?.texts.size).toBe(2);
    device.ws.resume();
    expect(await device.next("catalogue", () => true)).toEqual({ type: "catalogue", changed: "many" });
  });

  it("drains: everybody is told when to come back, nothing is left", async () => {
    const node = await startNode();
    const users = await Promise.all(Array.from({ length: 10 }, () => world.newUser()));
    const devices = await Promise.all(users.map(({ token }) => openDevice(node.url, token)));
    await Promise.all(devices.map((device) => device.hello()));
    await node.stop();
    for (const device of devices) {
      expect((await device.closed).code).toBe(1012);
      const [bye] = device.of("bye");
      expect(bye?.reason).toBe("draining");
      expect(bye?.retryAfterSeconds).toBeLessThanOrEqual(1);
    }
    const waits = new Set(devices.map((device) => device.of("bye")[0]?.retryAfterSeconds));
    expect(waits.size).toBeGreaterThan(1);
    expect((await Promise.all(users.map(({ userId }) => rowsOf(userId)))).flat()).toEqual([]);
    const registered = (await world.endpoints.list()).map(({ endpointId }) => endpointId);
    expect(registered).not.toContain(node.live.endpointId());
  });

  it("sweeps what a dead node left behind", async () => {
    const dead = ulid();
    const user = await world.newUser();
    await world.endpoints.put({
      endpointId: dead,
      kind: "node",
      address: "http://127.0.0.1:1",
      leaseUntil: Date.now() - 60_000,
    });
    const row = { ...user, endpointId: dead, since: new Date().toISOString(), stamp: ulid() };
    await world.connections.writeMany(
      Array.from({ length: 60 }, () => ({ op: "put", row: { ...row, connectionId: ulid() } }) as const),
    );
    await startNode({ sweepMs: 20 });
    await until("no rows", async () => (await rowsOf(user.userId)).length === 0);
    await until("no endpoint", async () =>
      (await world.endpoints.list()).every(({ endpointId }) => endpointId !== dead),
    );
  });

  it("leaves a living node's rows alone", async () => {
    const living = await startNode();
    const user = await world.newUser();
    await (await openDevice(living.url, user.token)).hello();
    await startNode({ sweepMs: 5 });
    await world.subscribe(user, "song-1");
    const other = await startNode({ sweepMs: 5, renewMs: 5 });
    const first = (await world.endpoints.list()).find(
      ({ endpointId }) => endpointId === other.live.endpointId(),
    );
    await until("a renewed lease", async () => {
      const endpoints = await world.endpoints.list();
      const now = endpoints.find(({ endpointId }) => endpointId === other.live.endpointId());
      return (now?.leaseUntil ?? 0) > (first?.leaseUntil ?? 0);
    });
    expect((await rowsOf(user.userId)).length).toBe(1);
  });

  it("begins again under another id when it was taken for dead, and its sessions come again", async () => {
    const node = await startNode({ renewMs: 20 });
    const user = await world.newUser();
    const device = await openDevice(node.url, user.token);
    await device.hello();
    const before = node.live.endpointId();
    await world.endpoints.delete(before);
    expect((await device.closed).code).toBe(1012);
    await until("another id", () => node.live.endpointId() !== before);
    const again = await openDevice(node.url, user.token);
    await again.hello();
    const [row] = (await rowsOf(user.userId)).filter(({ endpointId }) => endpointId !== before);
    expect(row?.endpointId).toBe(node.live.endpointId());
  });

  it("takes itself for dead when its lease ran out", async () => {
    let late = 0;
    const node = await startNode({ renewMs: 20, elapsedMs: () => elapsed() + late });
    const before = node.live.endpointId();
    late = 21_000;
    await until("another id", () => node.live.endpointId() !== before);
  });
});
