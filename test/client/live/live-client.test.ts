import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ApiFailure, isSignedOut, offline } from "../../../client/failure.ts";
import { createLiveClient, type LiveClient, type LiveClientDeps } from "../../../client/live/live-client.ts";
import type { Transport } from "../../../client/live/state.ts";
import type { ServerMessage } from "../../../core/contract/live.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { type FakeConnection, type FakeEndpoint, openFakeEndpoint } from "../support/fake-endpoint.ts";
import { changes, listAt, welcome } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

let node: FakeEndpoint;
let gateway: FakeEndpoint;
let clock: ReturnType<typeof createFakeClock>;
let client: LiveClient;

beforeEach(async () => {
  [node, gateway] = await Promise.all([openFakeEndpoint(), openFakeEndpoint()]);
  clock = createFakeClock();
});

afterEach(async () => {
  client.stop();
  await Promise.all([node.close(), gateway.close()]);
});

function start(deps: Partial<LiveClientDeps> = {}): LiveClient {
  client = createLiveClient({
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    transports: async (): Promise<Transport[]> => [
      { url: node.url, kind: "node" },
      { url: gateway.url, kind: "gateway" },
    ],
    fetchList: async () => listAt(5),
    device: { id: "d1", name: "Test" },
    clock,
    random: () => 0.5,
    signedOut: isSignedOut,
    ...deps,
  });
  client.start();
  return client;
}

const revisionIs = (revision: number) => until(client.replica, (replica) => replica.revision === revision);
const stateIs = (kind: string) => until(client.state, (state) => state.kind === kind);

/** Accepts a connection and answers its `hello` with `revision`. */
async function acceptAndWelcome(endpoint: FakeEndpoint, revision: number): Promise<FakeConnection> {
  const connection = await endpoint.accept();
  await connection.read();
  connection.send(welcome(revision));
  await stateIs("live");
  return connection;
}

describe("resuming", () => {
  it("says hello with what it has, and applies exactly what was missing", async () => {
    start();
    await revisionIs(5);
    (await acceptAndWelcome(node, 5)).cut();
    await stateIs("waiting");
    clock.advance(60_000);
    const again = await node.accept();
    expect(await again.read()).toEqual({
      type: "hello",
      epoch: "e1",
      since: 5,
      device: { id: "d1", name: "Test" },
    });
    again.send(welcome(7), changes(5, 7));
    const { subscriptions } = await revisionIs(7);
    expect([...subscriptions.keys()]).toEqual(["s1", "s2", "s3", "s4", "s5", "s6", "s7"]);
  });

  it("fetches the list when it is told to resync", async () => {
    let revision = 1;
    start({ fetchList: async () => listAt(revision) });
    await revisionIs(1);
    revision = 500;
    const connection = await acceptAndWelcome(node, 500);
    connection.send({ type: "resync", epoch: "e1", revision: 500 });
    expect((await revisionIs(500)).subscriptions.size).toBe(500);
  });

  it("takes the list of another epoch although its revision is lower", async () => {
    let list = listAt(9);
    start({ fetchList: async () => list });
    await revisionIs(9);
    list = listAt(3, "restored");
    const connection = await node.accept();
    await connection.read();
    connection.send(welcome(3, "restored"), { type: "resync", epoch: "restored", revision: 3 });
    const replica = await revisionIs(3);
    expect(replica.epoch).toBe("restored");
    expect(replica.subscriptions.size).toBe(3);
  });

  it("asks again when the head is said to be below what it has", async () => {
    start();
    await revisionIs(5);
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(1_000);
    connection.send({ type: "pong", revision: 3 });
    expect(await connection.read()).toMatchObject({ type: "hello", epoch: "e1", since: 5 });
    // It was only late.
    connection.send(welcome(5), changes(5, 6));
    await revisionIs(6);
    clock.advance(1_000);
    connection.send({ type: "pong", revision: 6 }, changes(6, 7));
    await revisionIs(7);
  });

  it("reads all pages of the list", async () => {
    const [first, second] = [listAt(5), listAt(5)];
    start({
      fetchList: async ({ cursor }) =>
        cursor === "2"
          ? { ...second, items: "items" in second ? second.items.slice(3) : [] }
          : { ...first, items: "items" in first ? first.items.slice(0, 3) : [], nextCursor: "2" },
    });
    expect((await revisionIs(5)).subscriptions.size).toBe(5);
  });

  it("keeps trying for the list", async () => {
    let tries = 0;
    const fetchList = async () => {
      tries += 1;
      if (tries < 3) throw offline();
      return listAt(2);
    };
    start({ fetchList });
    for (let turn = 0; client.replica.get().revision === null && turn < 200; turn += 1) {
      clock.advance(1_000);
      await new Promise(setImmediate);
    }
    expect(client.replica.get().revision).toBe(2);
    expect(tries).toBe(3);
  });
});

describe("gaps", () => {
  it("asks again when a push does not continue what it has, and ignores doubled ones", async () => {
    start();
    await revisionIs(5);
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(1_000);
    connection.send(changes(6, 7));
    expect(await connection.read()).toMatchObject({ type: "hello", epoch: "e1", since: 5 });
    connection.send(welcome(7), changes(5, 7), changes(5, 6), changes(6, 7));
    expect((await revisionIs(7)).subscriptions.size).toBe(7);
  });

  it("asks once more when a push overtook the answer", async () => {
    start();
    await revisionIs(5);
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(1_000);
    connection.send(changes(6, 7), changes(7, 8));
    expect(await connection.read()).toMatchObject({ type: "hello", since: 5 });
    clock.advance(1_000);
    connection.send(welcome(7), changes(5, 7));
    expect(await connection.read()).toMatchObject({ type: "hello", since: 7 });
    connection.send(welcome(8), changes(7, 8));
    expect((await revisionIs(8)).subscriptions.size).toBe(8);
  });

  it("finds a lost push by the heartbeat", async () => {
    start();
    await revisionIs(5);
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(20_000);
    expect(await connection.read()).toEqual({ type: "ping" });
    connection.send({ type: "pong", revision: 6 });
    expect(await connection.read()).toMatchObject({ type: "hello", since: 5 });
    connection.send(welcome(6), changes(5, 6));
    await revisionIs(6);
  });

  it("never asks in a tight loop, whatever the server claims", async () => {
    start();
    await revisionIs(5);
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(1_000);
    connection.send({ type: "pong", revision: 6 });
    expect(await connection.read()).toMatchObject({ type: "hello" });
    connection.send(welcome(5), welcome(5), welcome(5), { type: "playback", state: null });
    const before = clock.now();
    const next = connection.read();
    await until(client.state, () => true);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    clock.advance(250);
    expect(await next).toMatchObject({ type: "hello" });
    expect(clock.now() - before).toBe(250);
  });
});

describe("endpoints", () => {
  it("falls over to the other endpoint at once, and prefers it while the first cools down", async () => {
    await node.close();
    const tried: string[] = [];
    const openSocket = (url: string, protocol: string) => {
      tried.push(url);
      return new WebSocket(url, protocol);
    };
    start({ openSocket });
    const connection = await acceptAndWelcome(gateway, 5);
    expect(client.state.get()).toMatchObject({ kind: "live", transport: "gateway" });
    connection.cut();
    await stateIs("waiting");
    clock.advance(30_000);
    await acceptAndWelcome(gateway, 5);
    expect(tried).toEqual([node.url, gateway.url, gateway.url]);
    node = await openFakeEndpoint();
  });

  it("comes back to the first endpoint when it has been left alone for a minute", async () => {
    await node.close();
    let nodeUrl = node.url;
    node = await openFakeEndpoint();
    const transports = async (): Promise<Transport[]> => [
      { url: nodeUrl, kind: "node" },
      { url: gateway.url, kind: "gateway" },
    ];
    start({ transports });
    const connection = await acceptAndWelcome(gateway, 5);
    nodeUrl = node.url;
    clock.advance(61_000);
    connection.cut();
    await stateIs("waiting");
    clock.advance(30_000);
    await acceptAndWelcome(node, 5);
    expect(client.state.get()).toMatchObject({ transport: "node" });
  });

  it("gives up on an endpoint that lets it in but never says welcome", async () => {
    start();
    await (await node.accept()).read();
    clock.advance(10_000);
    await acceptAndWelcome(gateway, 5);
  });

  it.each([
    [12, 12_000],
    [3_600, 30_000],
  ])("leaves a server alone that asked for %i s, within reason", async (retryAfterSeconds, asked) => {
    const busy = new ApiFailure("unavailable", "Not now.", undefined, retryAfterSeconds);
    start({ transports: () => Promise.reject(busy) });
    const state = await until(client.state, ({ kind }) => kind === "waiting");
    expect(state).toMatchObject({ retryAt: clock.now() + asked + 500 });
  });

  it("waits with full jitter under a ceiling that doubles", async () => {
    await Promise.all([node.close(), gateway.close()]);
    const draws: number[] = [];
    const random = () => {
      draws.push(1);
      return 0.5;
    };
    start({ random });
    const waits: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const state = await until(client.state, ({ kind }) => kind === "waiting");
      if (state.kind === "waiting") waits.push(state.retryAt - clock.now());
      const left = until(client.state, ({ kind }) => kind === "connecting");
      clock.advance(waits.at(-1) ?? 0);
      await left;
    }
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
    expect(draws.length).toBeGreaterThanOrEqual(9);
    [node, gateway] = await Promise.all([openFakeEndpoint(), openFakeEndpoint()]);
  });

  it("connects at once when it is woken while it waits", async () => {
    start();
    (await acceptAndWelcome(node, 5)).cut();
    await stateIs("waiting");
    client.wake();
    await acceptAndWelcome(node, 5);
  });

  it("finds a dead connection when it is woken", async () => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    client.wake();
    expect(await connection.read()).toEqual({ type: "ping" });
    clock.advance(5_000);
    await stateIs("waiting");
  });
});

describe("goodbyes", () => {
  it("comes back after the time that a draining node asks for", async () => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(20_000);
    connection.send({ type: "bye", reason: "draining", retryAfterSeconds: 4 });
    connection.close(1012);
    const state = await stateIs("waiting");
    expect(state).toMatchObject({ kind: "waiting", retryAt: clock.now() + 4_000 + 250 });
    clock.advance(4_250);
    await acceptAndWelcome(node, 5);
  });

  it.each([
    ["its session ended", 4001, undefined],
    ["its session ended, by bye alone", 1000, "session-ended"],
    ["an operator ended it", 4001, "kicked"],
    ["it ended by a code of that range that it does not know", 4007, undefined],
  ] as const)("does not come back when %s", async (_why, code, reason) => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    if (reason) connection.send({ type: "bye", reason, retryAfterSeconds: 0 });
    connection.close(code);
    expect(await stateIs("stopped")).toEqual({ kind: "stopped", reason: "session-ended" });
    clock.advance(3_600_000);
    expect(node.accepted() + gateway.accepted()).toBe(1);
  });

  it.each([4500, 4999])("stops, and says why, when the server cannot go on with it (%i)", async (code) => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    connection.close(code);
    expect(await stateIs("stopped")).toEqual({ kind: "stopped", reason: "unsupported" });
    clock.advance(3_600_000);
    expect(node.accepted() + gateway.accepted()).toBe(1);
  });

  it("comes back when it is asked to by a goodbye whose reason and code it does not know", async () => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(20_000);
    connection.raw(JSON.stringify({ type: "bye", reason: "rebalancing", retryAfterSeconds: 4 }));
    connection.close(4499);
    const state = await stateIs("waiting");
    expect(state).toMatchObject({ kind: "waiting", retryAt: clock.now() + 4_000 + 250 });
  });

  it("does not come back when the session turns out to be over", async () => {
    const transports = async (): Promise<Transport[]> => {
      throw new ApiFailure("session-ended", "This session has ended");
    };
    start({ transports });
    expect(await stateIs("stopped")).toEqual({ kind: "stopped", reason: "session-ended" });
  });

  it("comes back when it is asked to where the account has too many connections, and tries no other endpoint", async () => {
    start();
    const connection = await node.accept();
    await connection.read();
    connection.send({ type: "bye", reason: "too-many-connections", retryAfterSeconds: 60 });
    connection.close(4030);
    const state = await stateIs("waiting");
    expect(state).toMatchObject({ retryAt: expect.closeTo(clock.now() + 60_500, -4) });
    expect(gateway.accepted()).toBe(0);
    clock.advance(90_000);
    await acceptAndWelcome(node, 5);
  });

  it("backs off further after a flood, however long it was connected", async () => {
    start();
    const connection = await acceptAndWelcome(node, 5);
    clock.advance(15_000);
    connection.send({ type: "bye", reason: "flood", retryAfterSeconds: 0 });
    connection.close(4029);
    expect(await stateIs("waiting")).toMatchObject({ attempt: 1 });
  });

  it("leaves when it is told to, and can start anew", async () => {
    start();
    await acceptAndWelcome(node, 5);
    client.stop();
    expect(client.state.get()).toEqual({ kind: "stopped", reason: "left" });
    client.start();
    await acceptAndWelcome(node, 5);
  });
});

describe("messages", () => {
  it("hands on what it understands, and overlooks what it does not", async () => {
    const seen: ServerMessage[] = [];
    start({ onMessage: (message) => seen.push(message) });
    const connection = await acceptAndWelcome(node, 5);
    connection.raw("{");
    connection.raw('{"type":"devices"}');
    connection.raw('{"type":"nonsense"}');
    connection.send({
      type: "account",
      plan: "plus",
      entitlements: { fullSongs: "all", subscriptions: 1_000, devices: 3 },
    });
    connection.send(changes(5, 6));
    await revisionIs(6);
    expect(seen.map(({ type }) => type)).toEqual(["welcome", "account", "changes"]);
  });

  it("sends while it is live, and says when it could not", async () => {
    start();
    expect(client.send({ type: "ping" })).toBe(false);
    const connection = await acceptAndWelcome(node, 5);
    expect(client.send({ type: "ping" })).toBe(true);
    expect(await connection.read()).toEqual({ type: "ping" });
  });
});
