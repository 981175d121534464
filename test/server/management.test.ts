import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { ulid } from "ulid";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { AccountEvent } from "../../core/domain/live/push/ports.ts";
import { openDevice } from "../support/live-device.ts";
import { type LiveWorld, startLiveWorld, type TestNode } from "../support/live-world.ts";

let world: LiveWorld;
let node: TestNode;
beforeAll(async () => {
  world = await startLiveWorld();
  node = await world.startNode();
});
afterAll(() => world.close());

async function connected() {
  const device = await openDevice(node.url, (await world.newUser()).token);
  const { connectionId } = await device.hello();
  return { device, connectionId };
}

/** The SDK's own client, with the secret header added. */
function sdkClient(secret = world.secret) {
  const { region, credentials } = world.aws;
  const client = new ApiGatewayManagementApiClient({ endpoint: node.address, region, credentials });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { headers: Record<string, string> };
      request.headers["x-encore-secret"] = secret;
      return next(args);
    },
    { step: "build" },
  );
  return client;
}

const batch = (body: unknown, secret = world.secret) =>
  fetch(`${node.address}/@connections`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-encore-secret": secret },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

const text = JSON.stringify({ type: "pong", revision: 77 });

describe("A node's management API", () => {
  it("is API Gateway's: its SDK client posts, looks up and disconnects", async () => {
    const { device, connectionId } = await connected();
    const client = sdkClient();
    await client.send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: text }));
    await device.next("pong", ({ revision }) => revision === 77);
    const { ConnectedAt } = await client.send(new GetConnectionCommand({ ConnectionId: connectionId }));
    expect(ConnectedAt?.getTime()).toBeGreaterThan(Date.now() - 60_000);
    await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    expect((await device.closed).code).toBe(4001);
    expect(device.messages.at(-1)).toMatchObject({ type: "bye", reason: "kicked" });
  });

  it.each([
    ["post", () => new PostToConnectionCommand({ ConnectionId: "gone=", Data: "{}" })],
    ["lookup", () => new GetConnectionCommand({ ConnectionId: "gone=" })],
    ["disconnect", () => new DeleteConnectionCommand({ ConnectionId: "gone=" })],
  ])("answers a %s of an unknown connection with 410", async (_, command) => {
    await expect(sdkClient().send(command() as PostToConnectionCommand)).rejects.toThrow(GoneException);
  });

  it("takes one post for many connections, in order, and says which are gone", async () => {
    const [one, two] = [await connected(), await connected()];
    const response = await batch({
      posts: [
        { connectionIds: [one.connectionId, "gone", two.connectionId], text },
        { connectionIds: [two.connectionId], text: JSON.stringify({ type: "pong", revision: 78 }) },
        { connectionIds: [one.connectionId], end: "kicked" },
      ],
      events: [],
    });
    expect(await response.json()).toEqual({ gone: ["gone"] });
    await two.device.next("pong", ({ revision }) => revision === 78);
    expect(two.device.of("pong").map(({ revision }) => revision)).toEqual([77, 78]);
    expect((await one.device.closed).code).toBe(4001);
  });

  it("hands events of accounts to who listens, until that ends", async () => {
    const userId = ulid();
    const heard: AccountEvent[] = [];
    const undo = node.live.events.onAccountEvent(userId, (event) => heard.push(event));
    const events = [
      { kind: "account", userId, plan: "free", role: "listener" },
      { kind: "session-ended", userId, sessionId: "s" },
      { kind: "session-ended", userId: "another", sessionId: "t" },
    ];
    await batch({ posts: [], events });
    expect(heard).toEqual(events.slice(0, 2));
    undo();
    await batch({ posts: [], events });
    expect(heard.length).toBe(2);
  });

  it("takes what a function of before tells of a song for other bytes of it", async () => {
    const heard: string[] = [];
    const undo = node.live.events.onSongEvent(({ songId }) => heard.push(songId));
    const event = { kind: "song-changed", songId: "song" };
    const events = [event, { ...event, served: false }];
    expect((await batch({ posts: [], events })).status).toBe(200);
    undo();
    expect(heard).toEqual(["song"]);
  });

  it.each([
    ["no JSON", "{"],
    ["unknown fields", { posts: [], events: [], more: 1 }],
    ["an unknown event", { posts: [], events: [{ kind: "other", userId: "u" }] }],
    ["an unknown end", { posts: [{ connectionIds: [], end: "other" }], events: [] }],
    ["a text that is too long", { posts: [{ connectionIds: [], text: "x".repeat(24_577) }], events: [] }],
  ])("refuses %s", async (_, body) => {
    expect((await batch(body)).status).toBe(400);
  });

  it.each(["", "wrong", "x".repeat(32)])("asks for the secret: %j is none", async (secret) => {
    expect((await batch({ posts: [], events: [] }, secret)).status).toBe(403);
    const { connectionId } = await connected();
    const post = new PostToConnectionCommand({ ConnectionId: connectionId, Data: text });
    await expect(sdkClient(secret).send(post)).rejects.toMatchObject({ $metadata: { httpStatusCode: 403 } });
  });

  it("shows its numbers to Prometheus", async () => {
    const { device, connectionId } = await connected();
    await batch({ posts: [{ connectionIds: [connectionId], end: "kicked" }], events: [] });
    await device.closed;
    const metrics = await (await fetch(`${node.address}/metrics`)).text();
    expect(metrics).toMatch(/^encore_live_connections \d+$/m);
    expect(metrics).toMatch(/^encore_live_ended_total\{reason="kicked"\} [1-9]/m);
    expect(metrics).toMatch(/^encore_live_sent_total [1-9]/m);
  });
});
