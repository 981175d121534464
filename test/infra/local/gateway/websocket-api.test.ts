import { execFile } from "node:child_process";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import websocket from "@fastify/websocket";
import type { FastifyInstance } from "fastify";
import { describe, expect, it } from "vitest";
import { type Client, connectClient, type Gateway, policy, refusal, startGateway, until } from "./support.ts";

const settle = (gateway: Gateway, count: number) =>
  until(() => gateway.of("MESSAGE").length >= count, `${count} messages`);

const handshake = (headers: readonly string[]): string => {
  const upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
  return `${["GET /gateway HTTP/1.1", "Host: local", ...upgrade, ...headers].join("\r\n")}\r\n\r\n`;
};

describe("connecting", () => {
  it("asks the authorizer, whose context every later event carries as text", async () => {
    const asked: unknown[] = [];
    const gateway = await startGateway({
      authorizer: async (event) => {
        asked.push(event);
        return policy("Allow", event.methodArn);
      },
    });
    const { ws } = await connectClient(gateway, {
      path: "/gateway?ticket=a%20b&x=1&x=2",
      headers: { Cookie: "a=1", "X-Twice": ["1", "2"], Origin: "http://localhost" },
    });
    ws.send("{}");
    await settle(gateway, 1);
    ws.close();
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");

    const request = {
      headers: { Cookie: "a=1", Origin: "http://localhost", "X-Twice": "2" },
      multiValueHeaders: { "X-Twice": ["1", "2"] },
      queryStringParameters: { ticket: "a b", x: "2" },
      multiValueQueryStringParameters: { x: ["1", "2"] },
    };
    expect(asked).toMatchObject([
      {
        type: "REQUEST",
        methodArn: expect.stringMatching(/^arn:aws:execute-api:.*\/local\/\$connect$/),
        ...request,
        requestContext: { routeKey: "$connect", eventType: "CONNECT", identity: { sourceIp: "127.0.0.1" } },
      },
    ]);
    const [connected, message, disconnected] = gateway.events;
    expect(connected).toMatchObject({
      ...request,
      requestContext: { routeKey: "$connect", eventType: "CONNECT" },
    });
    expect(message).not.toHaveProperty("headers");
    expect(message?.requestContext.messageId).toMatch(/=$/);
    expect(disconnected?.requestContext.routeKey).toBe("$disconnect");
    for (const event of gateway.events)
      expect(event.requestContext.authorizer).toEqual({
        principalId: "user-1",
        userId: "user-1",
        age: "7",
        premium: "true",
        integrationLatency: expect.any(Number),
      });
    const ids = new Set(gateway.events.map((event) => event.requestContext.connectionId));
    expect([...ids]).toEqual([expect.stringMatching(/^[\w-]{15}=$/)]);
  });

  it.each([
    ["a policy that denies", async () => policy("Deny"), 403],
    ["a policy for another call", async () => policy("Allow", "arn:aws:execute-api:*/other/*"), 403],
    ["Unauthorized", () => Promise.reject(new Error("Unauthorized")), 401],
    ["any other failure", () => Promise.reject(new Error("broken")), 500],
    ["an unreadable answer", async () => ({ principalId: "user-1" }) as never, 500],
  ])("is refused on %s, without $connect", async (_, authorizer, status) => {
    const gateway = await startGateway({ authorizer });
    const { status: got, body } = await refusal(`${gateway.url}/gateway`);
    expect(got).toBe(status);
    expect(JSON.parse(body)).toMatchObject({ message: expect.any(String), connectionId: expect.any(String) });
    expect(gateway.events).toEqual([]);
  });

  it.each([
    ["its status", async () => ({ statusCode: 429 }), 429],
    ["502 when it throws", () => Promise.reject(new Error("broken")), 502],
    ["502 when it answers nothing", async () => undefined, 502],
    ["504 when it takes too long", () => new Promise(() => {}), 504],
  ])("is refused by $connect: %s, without $disconnect", async (_, $connect, status) => {
    const gateway = await startGateway({ routes: { $connect }, limits: { timeoutMs: 30 } });
    expect((await refusal(`${gateway.url}/gateway`)).status).toBe(status);
    expect(gateway.events).toEqual([]);
    expect(gateway.connections.size).toBe(0);
  });

  it("completes only after $connect", async () => {
    const gate = Promise.withResolvers<{ statusCode: number }>();
    const gateway = await startGateway({ routes: { $connect: () => gate.promise } });
    let open = false;
    const connecting = connectClient(gateway).then((client) => {
      open = true;
      return client;
    });
    await fetch(gateway.managementUrl);
    expect(open).toBe(false);
    gate.resolve({ statusCode: 200 });
    expect((await connecting).ws.readyState).toBe(1);
  });

  it("delivers $disconnect when the client leaves during $connect", async () => {
    const gate = Promise.withResolvers<{ statusCode: number }>();
    const started = Promise.withResolvers<void>();
    const gateway = await startGateway({
      routes: {
        $connect: () => {
          started.resolve();
          return gate.promise;
        },
      },
    });
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.write(handshake(["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]));
    await started.promise;
    socket.destroy();
    gate.resolve({ statusCode: 200 });
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");
    expect(gateway.of("DISCONNECT")[0]?.requestContext.disconnectStatusCode).toBe(1006);
    expect(gateway.connections.size).toBe(0);
  });

  it("delivers $disconnect when the handshake turns out to be none", async () => {
    const gateway = await startGateway();
    const socket = connect(Number(new URL(gateway.url).port), "127.0.0.1");
    socket.write(handshake([]));
    expect(await text(socket)).toMatch(/^HTTP\/1.1 400 /);
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");
    expect(gateway.connections.size).toBe(0);
  });

  it("takes the subprotocol that $connect names, and none otherwise", async () => {
    const gateway = await startGateway({
      routes: {
        $connect: async () => ({ statusCode: 200, headers: { "Sec-WebSocket-Protocol": "encore.v1" } }),
      },
    });
    const { ws } = await connectClient(gateway, { protocols: ["other", "encore.v1"] });
    expect(ws.protocol).toBe("encore.v1");
    const plain = await startGateway();
    await expect(connectClient(plain, { protocols: ["encore.v1"] })).rejects.toThrow("subprotocol");
  });

  it("needs an upgrade", async () => {
    const gateway = await startGateway();
    expect((await fetch(`${gateway.url.replace("ws", "http")}/gateway`)).status).toBe(426);
    expect((await refusal(`${gateway.url}/elsewhere`)).status).toBe(404);
  });
});

describe("messages", () => {
  it("go to the route their type names, else to $default", async () => {
    const gateway = await startGateway();
    const { ws } = await connectClient(gateway);
    const texts = [
      '{"type":"hello","n":1}',
      '{"type":"other"}',
      '{"type":"$connect"}',
      '{"type":7}',
      "no json",
      "[]",
      "null",
    ];
    for (const text of [...texts, '{"type":"constructor"}', '{"type":"$disconnect"}']) ws.send(text);
    await settle(gateway, 9);
    const routed = gateway.of("MESSAGE").map((event) => event.requestContext.routeKey);
    expect(routed).toEqual(["hello", ...Array(8).fill("$default")]);
    expect(gateway.of("MESSAGE")[0]).toMatchObject({ body: texts[0], isBase64Encoded: false });
  });

  it.each(['{"type":{"toString":1,"valueOf":1}}', `{"type":${"[".repeat(15_000)}${"]".repeat(15_000)}}`])(
    "whose type is no text go to $default: %.40s",
    async (text) => {
      const gateway = await startGateway();
      const { ws } = await connectClient(gateway);
      ws.send(text);
      await settle(gateway, 1);
      expect(gateway.of("MESSAGE")[0]).toMatchObject({
        body: text,
        requestContext: { routeKey: "$default" },
      });
    },
  );

  it("of one connection are handled one after the other", async () => {
    const seen: string[] = [];
    const gateway = await startGateway({
      routes: {
        $default: async (event) => {
          seen.push(`start ${event.body}`);
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(`end ${event.body}`);
        },
        $disconnect: async () => seen.push("disconnect"),
      },
    });
    const { ws } = await connectClient(gateway);
    for (const text of ["a", "b"]) ws.send(text);
    ws.close();
    await until(() => seen.includes("disconnect"), "the disconnect");
    expect(seen).toEqual(["start a", "end a", "start b", "end b", "disconnect"]);
  });

  it("whose handler fails, is late or is missing get a message from the gateway", async () => {
    const gateway = await startGateway({
      routes: { hello: () => Promise.reject(new Error("secret")), slow: () => new Promise(() => {}) },
      limits: { timeoutMs: 30 },
    });
    const client = await connectClient(gateway);
    const answers: unknown[] = [];
    for (const type of ["hello", "slow"]) {
      client.ws.send(JSON.stringify({ type }));
      answers.push(JSON.parse(await client.next()));
    }
    const connectionId = [...gateway.connections.keys()][0];
    const ids = { connectionId, requestId: expect.any(String) };
    expect(answers).toEqual([
      { message: "Internal server error", ...ids },
      { message: "Endpoint request timed out", ...ids },
    ]);
  });

  it("are refused when they are binary, too large, in a frame too large, or too many", async () => {
    const gate = Promise.withResolvers<void>();
    const gateway = await startGateway({
      routes: { $default: () => gate.promise },
      limits: { messageBytes: 4_000, frameBytes: 1_000, waitingMessages: 3 },
    });
    const closeOf = async (act: (client: Client) => void) => {
      const client = await connectClient(gateway);
      act(client);
      return (await client.closed).code;
    };
    const parts = ({ ws }: Client, size: number, count: number) => {
      for (let n = 1; n <= count; n++) ws.send("a".repeat(size), { fin: n === count });
    };
    expect(await closeOf(({ ws }) => ws.send(Buffer.from("a")))).toBe(1003);
    expect(await closeOf(({ ws }) => ws.send("a".repeat(1_001)))).toBe(1009);
    expect(await closeOf((client) => parts(client, 1_000, 5))).toBe(1009);
    expect(await closeOf(({ ws }) => ["1", "2", "3", "4"].forEach((text) => void ws.send(text)))).toBe(1008);
    gate.resolve();
  });

  it("may be 128 KB in frames of 32 KB", async () => {
    const gateway = await startGateway();
    const { ws } = await connectClient(gateway);
    const part = "a".repeat(32 * 1024);
    for (const n of [1, 2, 3, 4]) ws.send(part, { fin: n === 4 });
    await settle(gateway, 1);
    expect(gateway.of("MESSAGE")[0]?.body).toBe(part.repeat(4));
    expect(ws.readyState).toBe(1);
  });
});

describe("disconnecting", () => {
  it("delivers $disconnect once, with the client's code and reason", async () => {
    const gateway = await startGateway();
    const client = await connectClient(gateway);
    client.ws.close(4000, "bye");
    expect(await client.closed).toEqual({ code: 4000, reason: "bye" });
    await until(() => gateway.of("DISCONNECT").length > 0, "the disconnect");
    expect(gateway.connections.size).toBe(0);
    await gateway.app.close();
    expect(gateway.of("DISCONNECT").map((event) => event.requestContext)).toMatchObject([
      { disconnectStatusCode: 4000, disconnectReason: "bye" },
    ]);
  });

  it.each([
    ["no code", (client: Client) => client.ws.close(), 1005],
    ["no close frame", (client: Client) => client.ws.terminate(), 1006],
    ["a frame too large", (client: Client) => client.ws.send("a".repeat(33 * 1024)), 1009],
    [
      "a message too large",
      (client: Client) => [0, 1, 2, 3, 4].map(() => client.ws.send("a".repeat(32 * 1024), { fin: false })),
      1009,
    ],
  ])("says so after %s", async (_, act, code) => {
    const gateway = await startGateway();
    act(await connectClient(gateway));
    await until(() => gateway.of("DISCONNECT").length > 0, "the disconnect");
    expect(gateway.of("DISCONNECT")[0]?.requestContext.disconnectStatusCode).toBe(code);
    expect(gateway.of("MESSAGE")).toEqual([]);
  });

  it.each([{ idleMs: 40 }, { lifetimeMs: 40 }])("goes away after %j", async (limits) => {
    const gateway = await startGateway({ limits });
    const client = await connectClient(gateway);
    expect(await client.closed).toEqual({ code: 1001, reason: "Going away" });
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");
    expect(gateway.of("DISCONNECT")[0]?.requestContext.disconnectStatusCode).toBe(1001);
  });

  it("of everything, cleanly, when the app closes", async () => {
    const gateway = await startGateway({
      routes: { $disconnect: async () => new Promise((resolve) => setImmediate(resolve)) },
    });
    const ended: string[] = [];
    const clients = [await connectClient(gateway), await connectClient(gateway)];
    for (const client of clients)
      void client.closed.then(({ code, reason }) => ended.push(`${code} ${reason}`));
    await gateway.app.close();
    await Promise.all(clients.map((client) => client.closed));
    expect(ended).toEqual(["1001 Going away", "1001 Going away"]);
    expect(gateway.connections.size).toBe(0);
    expect(gateway.app.server.listening).toBe(false);
  });

  it("waits, when the app closes, for $connect and for every $disconnect", async () => {
    const gate = Promise.withResolvers<{ statusCode: number }>();
    const started = Promise.withResolvers<void>();
    const order: string[] = [];
    const gateway = await startGateway({
      routes: {
        $connect: () => {
          started.resolve();
          return gate.promise;
        },
        $disconnect: async () => {
          await new Promise((resolve) => setImmediate(resolve));
          order.push("disconnected");
        },
      },
    });
    const connecting = connectClient(gateway);
    await started.promise;
    const closed = gateway.app.close().then(() => order.push("closed"));
    gate.resolve({ statusCode: 200 });
    expect((await (await connecting).closed).code).toBe(1001);
    await closed;
    expect(order).toEqual(["disconnected", "closed"]);
  });
});

it("leaves nothing behind that keeps the process alive", async () => {
  const script = fileURLToPath(new URL("close-cleanly.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 20_000 });
  expect(stdout.trim()).toBe("CONNECT DISCONNECT");
});

it("does not wait for ever for a handler when the app closes", async () => {
  const gateway = await startGateway({
    routes: { $disconnect: () => new Promise(() => {}) },
    limits: { drainMs: 50 },
  });
  const client = await connectClient(gateway);
  await gateway.app.close();
  expect((await client.closed).code).toBe(1001);
});

it.each(["before", "after"])("stands beside a route of @fastify/websocket registered %s it", async (when) => {
  const live = (app: FastifyInstance) => {
    app.register(websocket, { options: { maxPayload: 16 } });
    app.register(async (scope) => {
      scope.get("/live", { websocket: true }, (socket) => {
        socket.on("message", (data) => socket.send(`live ${data}`));
      });
    });
  };
  const gateway = await startGateway({}, { [when]: live });
  const [through, beside] = [await connectClient(gateway), await connectClient(gateway, { path: "/live" })];
  beside.ws.send("hi");
  expect(await beside.next()).toBe("live hi");
  through.ws.send("longer than the other one's limit");
  await settle(gateway, 1);
  expect(gateway.of("MESSAGE")).toHaveLength(1);
  expect((await refusal(`${gateway.url}/elsewhere`)).status).toBe(404);
  await gateway.app.close();
  expect((await through.closed).code).toBe(1001);
  await beside.closed;
  expect(gateway.of("DISCONNECT")).toHaveLength(1);
});
