import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  GoneException,
  LimitExceededException,
  PayloadTooLargeException,
  PostToConnectionCommand,
} from "@aws-sdk/client-apigatewaymanagementapi";
import { afterEach, describe, expect, it } from "vitest";
import { connectClient, type Gateway, startGateway, until } from "./support.ts";

const clients: ApiGatewayManagementApiClient[] = [];
afterEach(() => {
  for (const client of clients.splice(0)) client.destroy();
});

/** The SDK's own client, as Lambdas use it. */
function manage(gateway: Gateway) {
  const api = new ApiGatewayManagementApiClient({
    endpoint: gateway.managementUrl,
    region: "local",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    maxAttempts: 1,
  });
  clients.push(api);
  return {
    post: (ConnectionId: string, Data: string | Uint8Array) =>
      api.send(new PostToConnectionCommand({ ConnectionId, Data })),
    get: (ConnectionId: string) => api.send(new GetConnectionCommand({ ConnectionId })),
    remove: (ConnectionId: string) => api.send(new DeleteConnectionCommand({ ConnectionId })),
  };
}

async function connected(gateway: Gateway) {
  const client = await connectClient(gateway, { headers: { "User-Agent": "test" } });
  const [event] = gateway.of("CONNECT").slice(-1);
  if (!event) throw new Error("No $connect came");
  return { ...client, connectionId: event.requestContext.connectionId };
}

describe("@connections", () => {
  it("posts text to one connection", async () => {
    const gateway = await startGateway();
    const [one, other] = [await connected(gateway), await connected(gateway)];
    const api = manage(gateway);
    await api.post(one.connectionId, "to one é");
    await api.post(other.connectionId, new TextEncoder().encode("to the other"));
    expect(await Promise.all([one.next(), other.next()])).toEqual(["to one é", "to the other"]);
  });

  it("tells of a connection", async () => {
    const gateway = await startGateway();
    const before = Date.now();
    const { connectionId, ws } = await connected(gateway);
    ws.send("hello");
    await until(() => gateway.of("MESSAGE").length === 1, "the message");
    const { ConnectedAt, Identity, LastActiveAt } = await manage(gateway).get(connectionId);
    expect(Identity).toEqual({ SourceIp: "127.0.0.1", UserAgent: "test" });
    expect(ConnectedAt?.getTime()).toBeGreaterThanOrEqual(before);
    expect(LastActiveAt?.getTime()).toBeGreaterThanOrEqual(
      ConnectedAt?.getTime() ?? Number.POSITIVE_INFINITY,
    );
  });

  it("ends a connection", async () => {
    const gateway = await startGateway();
    const { connectionId, closed } = await connected(gateway);
    await manage(gateway).remove(connectionId);
    expect(await closed).toEqual({ code: 1000, reason: "Connection Closed Normally" });
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");
    expect(gateway.of("DISCONNECT")[0]?.requestContext).toMatchObject({
      connectionId,
      disconnectStatusCode: 1000,
      disconnectReason: "Connection Closed Normally",
    });
  });

  it("says 410 of a connection that is gone or never was", async () => {
    const gateway = await startGateway();
    const { connectionId, ws } = await connected(gateway);
    ws.terminate();
    await until(() => gateway.of("DISCONNECT").length === 1, "the disconnect");
    const api = manage(gateway);
    for (const id of [connectionId, "AAAAAAAAAAAAAAA="]) {
      const gone = await api.post(id, "x").catch((error: unknown) => error);
      expect(gone).toBeInstanceOf(GoneException);
      expect(gone).toMatchObject({ $metadata: { httpStatusCode: 410 } });
      await expect(api.get(id)).rejects.toThrow(GoneException);
      await expect(api.remove(id)).rejects.toThrow(GoneException);
    }
  });

  it("says 410 of a connection still in $connect", async () => {
    const posted = Promise.withResolvers<unknown>();
    const gateway: Gateway = await startGateway({
      routes: {
        $connect: async (event) => {
          const post = manage(gateway).post(event.requestContext.connectionId, "too early");
          posted.resolve(await post.catch((error: unknown) => error));
          return { statusCode: 200 };
        },
      },
    });
    const client = await connectClient(gateway);
    expect(await posted.promise).toBeInstanceOf(GoneException);
    const [connectionId = ""] = gateway.connections.keys();
    await manage(gateway).post(connectionId, "in time");
    expect(await client.next()).toBe("in time");
  });

  it("can be called by a message's handler", async () => {
    const gateway: Gateway = await startGateway({
      routes: {
        hello: ({ requestContext }) => manage(gateway).post(requestContext.connectionId, "welcome"),
      },
    });
    const client = await connectClient(gateway);
    client.ws.send('{"type":"hello"}');
    expect(await client.next()).toBe("welcome");
  });

  it("takes 128 KB and no more", async () => {
    const gateway = await startGateway();
    const { connectionId, next } = await connected(gateway);
    const largest = "a".repeat(128 * 1024);
    const api = manage(gateway);
    await api.post(connectionId, largest);
    expect(await next()).toBe(largest);
    await expect(api.post(connectionId, `${largest}a`)).rejects.toThrow(PayloadTooLargeException);
  });

  it("says 429 where a client does not read", async () => {
    const gateway = await startGateway({ limits: { bufferedBytes: 0 } });
    const { connectionId, ws } = await connected(gateway);
    ws.pause();
    const api = manage(gateway);
    const flood = async () => {
      for (;;) await api.post(connectionId, "a".repeat(128 * 1024));
    };
    await expect(flood()).rejects.toThrow(LimitExceededException);
  });

  it("keeps a connection that is posted to from going idle", async () => {
    const gateway = await startGateway({ limits: { idleMs: 300 } });
    const { connectionId, ws, closed } = await connected(gateway);
    const api = manage(gateway);
    const start = Date.now();
    while (Date.now() - start < 600) await api.post(connectionId, "still there");
    expect(ws.readyState).toBe(ws.OPEN);
    expect((await closed).code).toBe(1001);
  });
});
