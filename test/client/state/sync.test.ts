import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import type { Api, ChangeHeaders } from "../../../client/api.ts";
import { ApiFailure, offline } from "../../../client/failure.ts";
import { createSync } from "../../../client/state/sync.ts";
import { tabsOf } from "../../../client/tabs/election.ts";
import type { SubscriptionResult } from "../../../core/contract/subscriptions.ts";
import { createFakeClock } from "../support/fake-clock.ts";
import { type FakeConnection, type FakeEndpoint, openFakeEndpoint } from "../support/fake-endpoint.ts";
import { createTestStorage } from "../support/storage.ts";
import { listAt, subscription, welcome } from "../support/subscriptions.ts";
import { until } from "../support/until.ts";

let endpoint: FakeEndpoint;
let storage: ReturnType<typeof createTestStorage>;
let signedIn: string;
let userIds: readonly [string, string];
let open: ReturnType<typeof createSync>[];

beforeEach(async () => {
  endpoint = await openFakeEndpoint();
  storage = createTestStorage();
  userIds = [randomUUID(), randomUUID()];
  open = [];
});
afterEach(async () => {
  for (const sync of open) sync.leave();
  await endpoint.close();
});

type Answer = (songId: string) => Promise<SubscriptionResult>;
const accept: Answer = async (songId) => ({
  epoch: "e1",
  revision: 6,
  subscription: subscription(songId, 6),
});
const unreachable: Answer = async () => {
  throw offline();
};

/** One tab: real locks, channels and sockets; the server's answers are the test's. */
function openTab(answer: Answer = accept) {
  const sent: { songId: string; user: string; conditions: ChangeHeaders }[] = [];
  const refused: unknown[] = [];
  const heard: unknown[] = [];
  let played = 0;
  const put = (songId: string, _body: unknown, conditions: ChangeHeaders) => {
    sent.push({ songId, user: signedIn, conditions });
    return answer(songId);
  };
  const api = {
    putSubscription: put,
    subscriptions: async () => listAt(5),
    liveTransports: async () => ({
      transports: [{ url: endpoint.url, kind: "node" }],
      protocol: "encore.v1",
    }),
  } as Partial<Api> as Api;
  const clock = createFakeClock();
  const sync = createSync({
    api,
    clock,
    serverNow: clock.now,
    tabs: tabsOf(navigator.locks, BroadcastChannel),
    openSocket: (url, protocol) => new WebSocket(url, protocol),
    openQueue: storage.openTab,
    isSignedIn: (userId) => userId === signedIn,
    random: () => 0.5,
    newId: randomUUID,
    device: { id: "d1", name: "Test" },
    refused: (_change, error) => refused.push(error),
    onAccount: () => {},
    onPlayback: () => {},
    catalogue: { receive: (changed) => heard.push(changed), missed: () => heard.push("missed") },
    onEnded: () => {},
    playsElsewhere: () => {
      played += 1;
    },
  });
  open.push(sync);
  const enter = (userId: string) => {
    signedIn = userId;
    sync.enter(userId);
  };
  const shows = (songId: string) => sync.subscriptions.get()?.has(songId) === true;
  return { sync, enter, sent, refused, heard, clock, shows, played: () => played };
}

const subscribe = (songId: string) => ({ op: "put", songId, input: {} }) as const;
const waiting = () => storage.values.size;

async function acceptAndWelcome(): Promise<FakeConnection> {
  const server = await endpoint.accept();
  await server.read();
  server.send(welcome(5));
  return server;
}

/** A tab that leads and one that follows, both with the list. */
async function openTwo(answers: { first?: Answer; second?: Answer } = {}) {
  const [first, second] = [openTab(answers.first), openTab(answers.second)];
  let server: FakeConnection | undefined;
  for (const tab of [first, second]) {
    tab.enter(userIds[0]);
    server ??= await acceptAndWelcome();
    await until(tab.sync.state, ({ kind }) => kind === "live");
    await until(tab.sync.subscriptions, (all) => all?.size === 5);
  }
  return { first, second, server };
}

describe("A change made in a tab that follows", () => {
  it("shows in all tabs, and is sent by the one that leads", async () => {
    const { first, second } = await openTwo();
    second.sync.change(subscribe("new"));
    expect(second.shows("new")).toBe(true);
    await expect.poll(() => first.sent.map(({ songId }) => songId)).toEqual(["new"]);
    await expect.poll(waiting).toBe(0);
    expect([first.shows("new"), second.shows("new")]).toEqual([true, true]);
    expect(second.sent).toEqual([]);
  });

  it("is taken back in all tabs when it is refused, and all say why", async () => {
    const refuse = async () => {
      throw new ApiFailure("subscription-limit", "Free holds 25.");
    };
    const { first, second } = await openTwo({ first: refuse });
    second.sync.change(subscribe("new"));
    await expect.poll(() => [first.refused.length, second.refused.length]).toEqual([1, 1]);
    expect(second.refused[0]).toMatchObject({ kind: "subscription-limit", message: "Free holds 25." });
    expect([first.shows("new"), second.shows("new")]).toEqual([false, false]);
  });

  it("is sent by its own tab where it could not be stored", async () => {
    const { first, second } = await openTwo();
    storage.fill(true);
    second.sync.change(subscribe("new"));
    await expect.poll(() => second.sent.length).toBe(1);
    expect(first.sent).toEqual([]);
    await expect.poll(() => first.shows("new")).toBe(true);
  });

  it("is sent by the tab that leads next, when the first is gone before there was an answer", async () => {
    const { first, second } = await openTwo({ first: unreachable });
    second.sync.change(subscribe("new"));
    await expect.poll(() => first.sent.length).toBe(1);
    first.sync.leave();
    await acceptAndWelcome();
    await expect.poll(() => second.sent.length).toBe(1);
    expect(second.sent[0]?.conditions).toEqual(first.sent[0]?.conditions);
    await expect.poll(waiting).toBe(0);
  });
});

describe("A change that is not sent when its user signs out", () => {
  it("waits for them, and is never sent for another", async () => {
    const tab = openTab(async (songId) =>
      signedIn === userIds[0] && tries > 1 ? accept(songId) : unreachable(songId),
    );
    let tries = 0;
    const enter = async (userId: string) => {
      tries += 1;
      tab.enter(userId);
      await until(tab.sync.subscriptions, (all) => all !== undefined);
    };
    await enter(userIds[0]);
    tab.sync.change(subscribe("new"));
    await expect.poll(() => tab.sent.length).toBe(1);
    tab.sync.leave();

    await enter(userIds[1]);
    expect(tab.shows("new")).toBe(false);
    tab.sync.wake();
    expect(waiting()).toBe(1);

    await enter(userIds[0]);
    expect(tab.shows("new")).toBe(true);
    await expect.poll(waiting).toBe(0);
    expect(tab.sent.map(({ user }) => user)).toEqual([userIds[0], userIds[0]]);
  });

  it("is not sent with the cookies of another who signed in in another tab", async () => {
    const { first } = await openTwo();
    signedIn = userIds[1];
    first.sync.change(subscribe("new"));
    first.sync.wake();
    expect(first.sent).toEqual([]);
    signedIn = userIds[0];
    first.sync.wake();
    expect(first.sent).toHaveLength(1);
  });

  it("goes with the account, when that is deleted", async () => {
    const tab = openTab(unreachable);
    tab.enter(userIds[0]);
    await until(tab.sync.subscriptions, (all) => all !== undefined);
    tab.sync.change(subscribe("new"));
    expect(waiting()).toBe(1);
    tab.sync.forgetChanges();
    expect([waiting(), tab.shows("new")]).toEqual([0, false]);
  });
});

describe("The catalogue", () => {
  it("is told in every tab when it changes, and when a connection was lost that may have told of it", async () => {
    const { first, second, server } = await openTwo();
    server?.send({ type: "catalogue", changed: ["s1"] });
    await expect.poll(() => [first.heard, second.heard]).toEqual([[["s1"]], [["s1"]]]);
    server?.cut();
    await until(second.sync.state, ({ kind }) => kind === "waiting");
    second.sync.wake();
    await acceptAndWelcome();
    await expect.poll(() => [first.heard, second.heard]).toEqual(Array(2).fill([["s1"], "missed"]));
  });
});

describe("A tab that begins to play", () => {
  it("tells the others and not itself", async () => {
    const { first, second } = await openTwo();
    second.sync.plays();
    await expect.poll(first.played).toBe(1);
    expect(second.played()).toBe(0);
  });
});
