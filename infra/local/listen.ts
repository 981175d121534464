import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

export type Listening = {
  readonly endpoint: string;
  /** Refuses new connections, lets requests in flight end, and resolves when the last one has. */
  close(): Promise<void>;
};

/** Longer than any client keeps an idle connection, so that none is closed under a request. */
const keepAliveMs = 65_000;

/** Listens on 127.0.0.1; port 0 takes any free one. */
export async function listen(server: Server, port: number): Promise<Listening> {
  server.keepAliveTimeout = keepAliveMs;
  // Node leaves the connection of a request that ends after `close` open until its keep-alive runs out.
  server.on("request", (_, response) => {
    response.once("close", () => setImmediate(() => server.listening || server.closeIdleConnections()));
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const { port: actual } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${actual}`,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeIdleConnections();
      }),
  };
}
