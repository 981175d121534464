import { once } from "node:events";
import { Agent, get } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { closeConnections } from "../../server/close-connections.ts";
import { serverOptions } from "../../server/server-options.ts";
import { until } from "../support/until.ts";

/** A server that does not close ends the test by its time limit: the keep-alive time is longer. */
async function listen(graceMs?: number) {
  const app = fastify(serverOptions("silent"));
  closeConnections(app, graceMs);
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<string>();
  app.get("/", async () => {
    asked.resolve();
    return answer.promise;
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  const { port } = app.server.address() as AddressInfo;

  /** @returns a client's socket, and the server's end of it */
  async function open(): Promise<readonly [Socket, Socket]> {
    const socket = connect(port, "127.0.0.1").on("error", () => {});
    onTestFinished(() => void socket.destroy());
    const [[accepted]] = await Promise.all([once(app.server, "connection"), once(socket, "connect")]);
    return [socket, accepted];
  }
  return { app, port, asked, answer, open };
}

test("a server that closes does not wait for a connection that stays open behind its last request", async () => {
  const { app, port, asked, answer } = await listen();
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  const request = get({ host: "127.0.0.1", port, agent });
  await asked.promise;
  const closing = app.close();
  await until("it takes no more connections", () => !app.server.listening);
  answer.resolve("late");
  const [response] = await once(request, "response");
  expect(response.headers.connection).toBe("keep-alive");
  response.resume();
  await closing;
});

test("a server that closes does not wait for a connection on which nothing was asked", async () => {
  const { app, open } = await listen();
  await open();
  await app.close();
});

test("a server that closes waits a while, and no longer, for a request that is never sent to its end", async () => {
  const { app, open } = await listen(200);
  const [socket, accepted] = await open();
  socket.write("GET / HTTP/1.1\r\nHost: x\r\n");
  await until("it has come", () => accepted.bytesRead > 0);
  await app.close();
});
