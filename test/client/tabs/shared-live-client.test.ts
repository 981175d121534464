import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ApiFailure, isSignedOut } from "../../../client/failure.ts";
import type { Pending } from "../../../client/state/changes.ts";
import { createStore } from "../../../client/state/store.ts";
import { type Channel, type Tabs, tabsOf } from "../../../client/tabs/election.ts";
import type { Note } from "../../../client/tabs/messages.ts";
import { createSharedLiveClient, type SharedLiveClient } from "../../../client/tabs/shared-live-client.ts";
import type { ServerMessage } from "../../../core/contract/live.ts";
import { emptyReplica } from "../../../core/domain/subscriptions/replica.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { type FakeConnection, type FakeEndpoint, openFakeEndpoint } from "../support/fake-endpoint.ts";
import { changes, listAt, welcome } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

/** Node's own Web Locks and BroadcastChannel: all tabs of this file are tabs of one browser. */
const browser = tabsOf(navigator.locks, BroadcastChannel);

let endpoint: FakeEndpoint;
let clock: ReturnType<typeof createFakeClock>;
let name: string;
let lists: number;
let listRevision: number;
const open = new Set<SharedLiveClient>();

beforeEach(async () => {
  endpoint = await openFakeEndpoint();
  clock = createFakeClock();
  [name, lists, listRevision] = [randomUUID(), 0, 5];
});
afterEach(async () => {
  for (const tab of open) tab.stop();
  open.clear();
  await endpoint.close();
});

function openTab(tabs: Tabs = browser) {
  const messages: ServerMessage[] = [];
  const notes: Note[] = [];
  const replica = createStore(emptyReplica);
  const client = createSharedLiveClient({
    name,
    replica,
    tabs,
    clock,
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    transports: async () => [{ url: endpoint.url, kind: "node" }],
    fetchList: async () => {
      lists += 1;
      return listAt(listRevision);
    },
    device: { id: "d1", name: "Test" },
    random: () => 0.5,
    signedOut: isSignedOut,
    onMessage: (message) => messages.push(message),
    onNote: (note) => notes.push(note),
  });
  open.add(client);
  client.start();
  const told = (type: ServerMessage["type"]) => messages.filter((message) => message.type === type);
  return { client, replica, messages, notes, told };
}
type Tab = ReturnType<typeof openTab>;

const leads = ({ client }: Tab) => until(client.leads, (is) => is);
const isLive = ({ client }: Tab) => until(client.state, ({ kind }) => kind === "live");
const isAt = ({ replica }: Tab, n: number) => until(replica, ({ revision }) => revision === n);

/** Two tabs, of which the first leads and is live at revision 5, and the second follows and has the same. */
async function openTwo(): Promise<{ first: Tab; second: Tab; server: FakeConnection }> {
  const first = openTab();
  await leads(first);
  const server = await acceptAndWelcome(5);
  await isLive(first);
  const second = openTab();
  await Promise.all([isLive(second), isAt(second, 5)]);
  return { first, second, server };
}

async function acceptAndWelcome(revision: number): Promise<FakeConnection> {
  const server = await endpoint.accept();
  await server.read();
  server.send(welcome(revision));
  return server;
}

describe("Tabs of one browser", () => {
  it("have one connection, and a tab that follows has the list without fetching it", async () => {
    const { first, second } = await openTwo();
    expect([first.client.leads.get(), second.client.leads.get()]).toEqual([true, false]);
    expect(second.replica.get()).toEqual(first.replica.get());
    expect([endpoint.accepted(), lists]).toEqual([1, 1]);
  });

  it("all hear what the server says, and apply each push", async () => {
    const { first, second, server } = await openTwo();
    server.send(changes(5, 7), { type: "playback", state: null });
    await isAt(second, 7);
    expect(second.replica.get().subscriptions.size).toBe(7);
    await expect.poll(() => second.told("playback").length).toBe(1);
    expect(second.told("changes")).toEqual(first.told("changes"));
  });

  it("tell a tab that joins later what the server says only once", async () => {
    const { server, first } = await openTwo();
    const device = { connectionId: "c1", deviceId: "d1", name: "Test", current: true };
    const items = [{ ...device, since: "2026-03-01T12:00:00.000Z" }];
    server.send({ type: "devices", items }, { type: "playback", state: null });
    await expect.poll(() => first.told("playback").length).toBe(1);
    const late = openTab();
    await expect.poll(() => late.told("devices")).toEqual([{ type: "devices", items }]);
    expect(late.told("playback")).toHaveLength(1);
  });

  it("take the list that the one that leads had to fetch", async () => {
    const { first, second, server } = await openTwo();
    listRevision = 500;
    server.send({ type: "resync", epoch: "e1", revision: 500 });
    await isAt(second, 500);
    expect(second.replica.get()).toEqual(first.replica.get());
    expect(lists).toBe(2);
  });

  it("send through the one that leads, and say when there is no connection", async () => {
    const { second, server } = await openTwo();
    expect(second.client.send({ type: "ping" })).toBe(true);
    expect(await server.read()).toEqual({ type: "ping" });
    second.client.wake();
    expect(await server.read()).toEqual({ type: "ping" });
    server.cut();
    await until(second.client.state, ({ kind }) => kind === "waiting");
    expect(second.client.send({ type: "ping" })).toBe(false);
  });

  it("wake the one that leads while it waits to connect again", async () => {
    const { second, server } = await openTwo();
    server.cut();
    await until(second.client.state, ({ kind }) => kind === "waiting");
    second.client.wake();
    await acceptAndWelcome(5);
    await isLive(second);
  });

  it("tell each other what became of own changes; a refusal stays one, with its reason", async () => {
    const { first, second } = await openTwo();
    const change: Pending = {
      changeId: "change-1",
      songId: "s1",
      base: 1,
      asOf: { epoch: "e1", revision: 5 },
      tried: true,
      op: "delete",
      at: "2026-03-01T12:00:00.000Z",
    };
    const error = new ApiFailure("subscription-limit", "Free holds 25.");
    first.client.tell({ kind: "settled", outcome: { kind: "refused", change, error } });
    second.client.tell({ kind: "plays" });
    await expect.poll(() => second.notes.length).toBe(1);
    expect(second.notes).toEqual([{ kind: "settled", outcome: { kind: "refused", change, error } }]);
    const [note] = second.notes;
    expect(note?.kind === "settled" && note.outcome.kind === "refused" && note.outcome.error).toBeInstanceOf(
      ApiFailure,
    );
    await expect.poll(() => first.notes).toEqual([{ kind: "plays" }]);
  });

  it("all end when the session does", async () => {
    const { first, second, server } = await openTwo();
    server.close(4001);
    for (const { client } of [first, second])
      await until(client.state, (now) => now.kind === "stopped" && now.reason === "session-ended");
    expect(endpoint.accepted()).toBe(1);
  });
});

describe("When the tab that leads is gone", () => {
  it("the next one resumes from what it has, and fetches nothing anew", async () => {
    const { first, second } = await openTwo();
    const third = openTab();
    await isAt(third, 5);
    first.client.stop();
    await leads(second);
    const server = await endpoint.accept();
    expect(await server.read()).toMatchObject({ type: "hello", epoch: "e1", since: 5 });
    server.send(welcome(6), changes(5, 6));
    await Promise.all([isAt(second, 6), isAt(third, 6), isLive(third)]);
    expect([third.client.leads.get(), lists]).toEqual([false, 1]);
  });

  it("nothing goes back where the one that leads has less", async () => {
    const { server } = await openTwo();
    const late = openTab();
    late.replica.set({ ...emptyReplica, epoch: "e1", revision: 9 });
    await isLive(late);
    expect(late.replica.get().revision).toBe(9);
    server.send(changes(5, 10));
    await isAt(late, 10);
  });
});

/** A page that holds the lock and hears nothing, until it comes to. */
function hangingPage(): { tabs: Tabs; comeTo: () => void } {
  let hangs = true;
  const open: Tabs["open"] = (channelName) => {
    const real = browser.open(channelName);
    const channel: Channel = {
      postMessage: (message) => real.postMessage(message),
      close: () => real.close(),
      onmessage: null,
    };
    real.onmessage = (event) => hangs || channel.onmessage?.(event);
    return channel;
  };
  return {
    tabs: { elect: browser.elect, open },
    comeTo: () => {
      hangs = false;
    },
  };
}

describe("When the tab that leads does not answer", () => {
  it("another one takes over, and the first follows it when it comes to", async () => {
    const page = hangingPage();
    const first = openTab(page.tabs);
    await leads(first);
    await acceptAndWelcome(5);
    await isLive(first);
    const second = openTab();
    await expect.poll(() => clock.pending()).toBeGreaterThan(1);
    expect(second.client.leads.get()).toBe(false);
    clock.advance(5_000);
    await leads(second);
    await until(first.client.leads, (is) => !is);
    page.comeTo();
    const server = await acceptAndWelcome(5);
    await isLive(second);
    await isLive(first);
    server.send(changes(5, 6));
    await Promise.all([isAt(first, 6), isAt(second, 6)]);
  });

  it("that is found out within a minute or so, and at once when the user comes back or changes something", async () => {
    const { first, second } = await openTwo();
    expect(first.client.leads.get()).toBe(true);
    const joins: unknown[] = [];
    const ear = new BroadcastChannel(`encore.live.1.${name}`);
    ear.onmessage = ({ data }) => {
      if (data.type === "join") joins.push(data);
    };
    try {
      clock.advance(60_000);
      await expect.poll(() => joins.length).toBe(1);
      second.client.check();
      await expect.poll(() => joins.length).toBe(2);
      expect(joins[1]).toEqual({ type: "join", epoch: "e1", revision: 5 });
    } finally {
      ear.close();
    }
  });
});

describe("Without Web Locks or BroadcastChannel", () => {
  it.each([
    ["locks", tabsOf(undefined, BroadcastChannel)],
    ["channels", tabsOf(navigator.locks, undefined)],
  ])("each tab leads for itself (no %s)", async (_, tabs) => {
    const [first, second] = [openTab(tabs), openTab(tabs)];
    expect([first.client.leads.get(), second.client.leads.get()]).toEqual([true, true]);
    await Promise.all([acceptAndWelcome(5), acceptAndWelcome(5)]);
    await Promise.all([isLive(first), isLive(second)]);
    expect(endpoint.accepted()).toBe(2);
  });
});
