import { Agent, createServer, request } from "node:http";
import { text } from "node:stream/consumers";
import { expect, onTestFinished, test } from "vitest";
import { listen } from "../../../infra/local/listen.ts";

function get(url: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { agent }, (response) => resolve(text(response)))
      .on("error", reject)
      .end();
  });
}

test("close lets a request in flight end, and does not wait for the connection it leaves open", async () => {
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const server = createServer(async (_, response) => {
    arrive();
    await held;
    response.end("whole");
  });
  const { endpoint, close } = await listen(server, 0);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());

  const answer = get(endpoint, agent);
  await arrived;
  const closed = close();
  release();
  expect(await answer).toBe("whole");
  await closed;
  await expect(get(endpoint, agent)).rejects.toThrow();
}, 5_000);

test("only this machine is listened to, and a port in use is an error", async () => {
  const { endpoint, close } = await listen(createServer(), 0);
  onTestFinished(close);
  const { hostname, port } = new URL(endpoint);
  expect(hostname).toBe("127.0.0.1");
  await expect(listen(createServer(), Number(port))).rejects.toMatchObject({ code: "EADDRINUSE" });
});
