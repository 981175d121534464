import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { maxConnections } from "../../../core/domain/live/protocol/connection-limit.ts";
import { openDevice, refusal } from "../../support/live-device.ts";
import { type LiveWorld, startLiveWorld, type TestNode, type TestUser } from "../../support/live-world.ts";
import { until } from "../../support/until.ts";

let world: LiveWorld;
let node: TestNode;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
});
afterAll(() => world.close());

const open = (url: string, { token }: TestUser, count: number) =>
  Promise.all(Array.from({ length: count }, () => openDevice(url, token)));
const rowsOf = async ({ userId }: TestUser) => (await world.connections.ofUser(userId)).connections.length;

/** That it is told why, and closed. */
async function requireRefused({ closed, messages }: Awaited<ReturnType<typeof openDevice>>): Promise<void> {
  expect(await closed).toEqual({ code: 4030, reason: "too-many-connections" });
  expect(messages).toEqual([
    {
      type: "error",
      problem: expect.objectContaining({
        kind: "too-many-connections",
        detail: expect.stringMatching(/^Your account has 20 connections already; close Encore/),
        retryAfterSeconds: 60,
      }),
    },
    { type: "bye", reason: "too-many-connections", retryAfterSeconds: 60 },
  ]);
}

describe("An account has so many connections, and no more", () => {
  it("at a node, also where they come at once", async () => {
    const user = await world.newUser();
    const devices = await open(node.url, user, maxConnections + 3);
    const refused = await Promise.all(
      devices.map(async (device) => {
        const ended = await Promise.race([device.closed, device.hello().then(() => undefined)]);
        return ended === undefined ? [] : [device];
      }),
    );
    expect(refused.flat()).toHaveLength(3);
    for (const device of refused.flat()) await requireRefused(device);
    const other = await openDevice(node.url, (await world.newUser()).token);
    await other.hello();
    // One that ends makes room for one.
    devices.find((device) => !refused.flat().includes(device))?.ws.close();
    await until("room", () => node.live.hub.sizeOf(user.userId) === maxConnections - 1);
    await (await openDevice(node.url, user.token)).hello();
  });

  it("at the gateway, which answers 429 before the upgrade", async () => {
    const user = await world.newUser();
    await open(world.gatewayUrl, user, maxConnections);
    const headers = { authorization: `Bearer ${user.token}` };
    expect((await refusal(world.gatewayUrl, { headers })).status).toBe(429);
    await until("no row of it", async () => (await rowsOf(user)) === maxConnections);
  });

  it("at the gateway, where rows of a process that died are none", async () => {
    const user = await world.newUser();
    const endpointId = "a-process-that-died";
    const rows = Array.from({ length: maxConnections }, (_, at) => ({
      connectionId: `left-${at}`,
      userId: user.userId,
      sessionId: "left",
      endpointId,
      since: new Date().toISOString(),
      stamp: "1",
    }));
    await world.connections.writeMany(rows.map((row) => ({ op: "put", row })));
    await (await openDevice(world.gatewayUrl, user.token)).hello();
  });

  it("at both together", async () => {
    const user = await world.newUser();
    await open(world.gatewayUrl, user, maxConnections - 6);
    const here = await open(node.url, user, 6);
    await Promise.all(here.map((device) => device.hello()));
    await until("all rows", async () => (await rowsOf(user)) === maxConnections);
    await requireRefused(await openDevice(node.url, user.token));
    const headers = { authorization: `Bearer ${user.token}` };
    expect((await refusal(world.gatewayUrl, { headers })).status).toBe(429);
  });
});
