import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDevice, refusal } from "../../support/live-device.ts";
import { allowedOrigin, type LiveWorld, startLiveWorld, type TestNode } from "../../support/live-world.ts";
import { until } from "../../support/until.ts";

let world: LiveWorld;
let node: TestNode;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
});
afterAll(() => world.close());

const rowsOf = async (userId: string) => (await world.connections.ofUser(userId)).connections;
const urlOf = (endpoint: string) => (endpoint === "node" ? node.url : world.gatewayUrl);

describe("Two devices of one user, one at each endpoint", () => {
  it("see every change in order", async () => {
    const user = await world.newUser();
    const phone = await openDevice(node.url, user.token);
    const laptop = await openDevice(world.gatewayUrl, user.token);
    await Promise.all([phone.hello(), laptop.hello()]);
    const songs = Array.from({ length: 20 }, (_, at) => `song-${String(at).padStart(2, "0")}`);
    for (const song of songs) await world.subscribe(user, song);
    for (const device of [phone, laptop]) {
      await until("all songs", () => device.songs().length === songs.length);
      expect(device.songs()).toEqual(songs);
      expect(device.state.replica.revision).toBe(20);
      expect(device.outcomes).not.toContain("gap");
    }
  });

  it("see each other come and go", async () => {
    const user = await world.newUser();
    const phone = await openDevice(node.url, user.token);
    await phone.hello(undefined, "Phone");
    const laptop = await openDevice(world.gatewayUrl, user.token);
    await laptop.hello(undefined, "Laptop");
    for (const device of [phone, laptop]) {
      const { items } = await device.next("devices", ({ items: all }) => all.length === 2);
      expect(items.map(({ name }) => name).sort()).toEqual(["Laptop", "Phone"]);
      expect(items.filter(({ current }) => current).map(({ deviceId }) => deviceId)).toEqual([
        device.deviceId,
      ]);
    }
    laptop.ws.close();
    const { items } = await phone.next(
      "devices",
      ({ items: all }) => all.length === 1 && phone.of("devices").length > 2,
    );
    expect(items).toMatchObject([{ name: "Phone", current: true }]);
  });

  it("take playback over from each other; of two takers one wins and the other is told", async () => {
    const user = await world.newUser();
    const phone = await openDevice(node.url, user.token);
    const laptop = await openDevice(world.gatewayUrl, user.token);
    await Promise.all([phone.hello(undefined, "Phone"), laptop.hello(undefined, "Laptop")]);
    const intent = { type: "playback", songId: "song-1", positionSeconds: 12.5, paused: false } as const;
    phone.send({ ...intent, version: 0 });
    const { state: first } = await laptop.next("playback", ({ state }) => state?.version === 1);
    expect(first).toMatchObject({ deviceName: "Phone", songId: "song-1", positionSeconds: 12.5 });

    phone.send({ ...intent, version: 1, positionSeconds: 20 });
    laptop.send({ ...intent, version: 1, positionSeconds: 30 });
    const [told, learnt] = await Promise.all(
      [phone, laptop].map((device) => device.next("playback", ({ state }) => state?.version === 2)),
    );
    expect(told).toEqual(learnt);
    expect(["Phone", "Laptop"]).toContain(told?.state?.deviceName);
    expect([20, 30]).toContain(told?.state?.positionSeconds);
  });
});

describe.each(["node", "gateway"])("The endpoint of the %s", (endpoint) => {
  it("agrees on the subprotocol", async () => {
    const device = await openDevice(urlOf(endpoint), (await world.newUser()).token);
    expect(device.protocol).toBe("encore.v1");
  });

  it("resumes exactly: nothing, what is missing, or a list to resync from", async () => {
    const user = await world.newUser();
    const { epoch } = await world.subscribe(user, "song-1");
    for (const song of ["song-2", "song-3"]) await world.subscribe(user, song);

    const current = await openDevice(urlOf(endpoint), user.token);
    expect(await current.hello({ epoch, since: 3 })).toMatchObject({ epoch, revision: 3 });
    const behind = await openDevice(urlOf(endpoint), user.token);
    await behind.hello({ epoch, since: 1 });
    const missed = await behind.next("changes", () => true);
    expect(missed).toMatchObject({ from: 1, to: 3 });
    expect(missed.changes.map(({ revision, songId }) => [revision, songId])).toEqual([
      [2, "song-2"],
      [3, "song-3"],
    ]);
    for (const position of [
      { epoch: null, since: null },
      { epoch: "another", since: 2 },
    ]) {
      const lost = await openDevice(urlOf(endpoint), user.token);
      await lost.hello(position);
      expect(await lost.next("resync", () => true)).toEqual({ type: "resync", epoch, revision: 3 });
    }
    expect(current.of("changes")).toEqual([]);
    expect(current.of("resync")).toEqual([]);
  });

  it("gives a new epoch when a device was told more than there is, and tells all devices", async () => {
    const user = await world.newUser();
    const { epoch } = await world.subscribe(user, "song-1");
    const [current, witness] = [
      await openDevice(urlOf(endpoint), user.token),
      await openDevice(urlOf(endpoint), user.token),
    ];
    await current.hello({ epoch, since: 1 });
    const welcomed = await witness.hello({ epoch, since: 2 });
    expect(welcomed).toMatchObject({ epoch: expect.not.stringContaining(epoch), revision: 1 });
    const resync = { type: "resync", epoch: welcomed.epoch, revision: 1 };
    expect(await witness.next("resync", () => true)).toEqual(resync);
    expect(await current.next("resync", () => true)).toEqual(resync);
    expect(await world.subscribe(user, "song-2")).toMatchObject({ epoch: welcomed.epoch, revision: 2 });
    expect(await current.next("changes", () => true)).toMatchObject({ from: 1, to: 2 });
  });

  it("asks for the list by REST where more is missing than fits a message", async () => {
    const user = await world.newUser();
    const { epoch } = await world.subscribe(user, "song-0");
    for (let at = 1; at <= 200; at++) await world.subscribe(user, `a-song-with-a-long-name-${at}`);
    const device = await openDevice(urlOf(endpoint), user.token);
    await device.hello({ epoch, since: 1 });
    expect(await device.next("resync", () => true)).toMatchObject({ revision: 201 });
  });

  it("tells the head's revision and what plays", async () => {
    const user = await world.newUser();
    await world.subscribe(user, "song-1");
    const device = await openDevice(urlOf(endpoint), user.token);
    await device.hello();
    device.send({ type: "ping" });
    await device.next("pong", ({ revision }) => revision === 1);
    device.send({ type: "playback", version: 0, songId: null, positionSeconds: 0, paused: true });
    await device.next("playback", ({ state }) => state?.version === 1);
    const second = await openDevice(urlOf(endpoint), user.token);
    await second.hello();
    expect(await second.next("playback", () => true)).toMatchObject({ state: { version: 1, songId: null } });
  });

  it("closes a session that has ended, with a goodbye, and no other", async () => {
    const user = await world.newUser();
    const other = await world.newSession(user);
    const device = await openDevice(urlOf(endpoint), user.token);
    const stays = await openDevice(urlOf(endpoint), other.token);
    await Promise.all([device.hello(), stays.hello()]);
    await world.sessions.delete(user.sessionId);
    const { code } = await device.closed;
    expect(device.messages.at(-1)).toEqual({ type: "bye", reason: "session-ended", retryAfterSeconds: 0 });
    // API Gateway has no close codes but its own.
    expect(code).toBe(endpoint === "node" ? 4001 : 1000);
    await until("one row", async () => (await rowsOf(user.userId)).length === 1);
    expect(stays.of("bye")).toEqual([]);
  });

  it("tells a change of plan", async () => {
    const user = await world.newUser({ plan: "free" });
    const device = await openDevice(urlOf(endpoint), user.token);
    await device.hello();
    await world.accounts.update(user, { userName: "Another" });
    await world.accounts.update(user, { plan: "plus" });
    expect(await device.next("account", () => true)).toEqual({
      type: "account",
      plan: "plus",
      entitlements: { fullSongs: "all", subscriptions: 1_000, devices: 3 },
    });
    expect(device.of("account").length).toBe(1);
  });

  it("leaves no row behind when many devices go", async () => {
    const users = await Promise.all(Array.from({ length: 20 }, () => world.newUser()));
    const devices = await Promise.all(
      users.flatMap((user) => [
        openDevice(urlOf(endpoint), user.token),
        openDevice(urlOf(endpoint), user.token),
      ]),
    );
    await Promise.all(devices.map((device) => device.hello()));
    for (const { ws } of devices) ws.terminate();
    await until("no rows", async () => {
      const rows = await Promise.all(users.map(({ userId }) => rowsOf(userId)));
      return rows.flat().length === 0;
    });
  });

  it.each([
    ["nothing", {}, 401],
    ["a bad token", { headers: { authorization: "Bearer nonsense" } }, 401],
    ["a cookie without an origin", { cookie: true }, 403],
    ["a cookie from another origin", { cookie: true, origin: "https://evil.example" }, 403],
    ["a used ticket", { ticket: "used" }, 401],
    ["an unknown ticket", { ticket: "unknown" }, 401],
    ["a good token from another origin", { bearer: true, origin: "https://evil.example" }, 403],
  ])("refuses %s before the upgrade", async (_, given: Record<string, unknown>, status) => {
    const user = await world.newUser();
    const headers: Record<string, string> = { ...(given.headers as object) };
    if (given.cookie) headers.cookie = `a=b; encore-access=${user.token}`;
    if (given.bearer) headers.authorization = `Bearer ${user.token}`;
    if (given.origin) headers.origin = String(given.origin);
    let url = urlOf(endpoint);
    if (given.ticket === "unknown") url += "?ticket=nonsense";
    if (given.ticket === "used") {
      url += `?ticket=${await world.newTicket(user)}`;
      (await openDevice(url, undefined)).ws.close();
    }
    expect((await refusal(url, { headers })).status).toBe(status);
  });

  it("takes a cookie from an allowed origin", async () => {
    const user = await world.newUser();
    const headers = { cookie: `encore-access=${user.token}`, origin: allowedOrigin };
    const device = await openDevice(urlOf(endpoint), undefined, { headers });
    expect((await device.hello()).revision).toBe(0);
  });

  it("refuses the token of a session that has ended", async () => {
    const user = await world.newUser();
    await world.sessions.delete(user.sessionId);
    const { status } = await refusal(urlOf(endpoint), { headers: { authorization: `Bearer ${user.token}` } });
    expect(status).toBe(401);
  });

  it.each([
    ["no JSON", "{", "invalid-request"],
    ["no object", "[]", "invalid-request"],
    ["null", "null", "invalid-request"],
    ["a number", "7", "invalid-request"],
    ["nothing", " ", "invalid-request"],
    ["no type", "{}", "invalid-request"],
    ["an unknown type", '{"type":"welcome"}', "invalid-request"],
    ["a type that is a prototype's", '{"type":"__proto__"}', "invalid-request"],
    ["a route of the gateway", '{"type":"$connect"}', "invalid-request"],
    ["hello without its fields", '{"type":"hello"}', "invalid-request"],
    ["unknown fields", '{"type":"ping","x":1}', "invalid-request"],
    [
      "a negative revision",
      '{"type":"hello","epoch":"e","since":-1,"device":{"id":"d","name":"n"}}',
      "invalid-request",
    ],
    [
      "playback before hello",
      '{"type":"playback","version":0,"songId":null,"positionSeconds":0,"paused":true}',
      "invalid-request",
    ],
    ["deep nesting", "[".repeat(8_000), "invalid-request"],
  ])("answers %s with an error, and goes on", async (_, frame, kind) => {
    const device = await openDevice(urlOf(endpoint), (await world.newUser()).token);
    device.send(frame);
    const { problem } = await device.next("error", () => true);
    expect(problem).toMatchObject({ kind, status: 400, type: `/problems/${kind}` });
    expect((await device.hello()).type).toBe("welcome");
  });
});
