import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import type { ClientConnection } from "../../../server/live/client-connection.ts";
import { createConnectionWriter } from "../../../server/live/connection-writer.ts";
import { createStats } from "../../../server/live/stats.ts";

test("what was sent is counted in bytes, not in characters", async () => {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const client = new WebSocket(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
  onTestFinished(() => client.terminate());
  const [[socket]] = await Promise.all([once(server, "connection"), once(client, "open")]);
  const stats = createStats();
  const writer = createConnectionWriter({ stats, headOf: async () => undefined });
  const text = JSON.stringify({ title: "さくらさくら" });
  const received = once(client, "message");
  writer.send({ socket, backlog: undefined } as ClientConnection, text);
  const [data] = (await received) as [Buffer];
  expect(stats).toMatchObject({ sent: 1, sentBytes: data.length });
  expect(data.length).toBeGreaterThan(text.length);
});
