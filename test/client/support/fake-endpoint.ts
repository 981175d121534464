import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import type { ClientMessage, ServerMessage } from "../../../core/contract/live.ts";

/** One connection as the scripted server sees it. */
export type FakeConnection = {
  /** The next message of the client. */
  read(): Promise<ClientMessage>;
  send(...messages: ServerMessage[]): void;
  raw(data: string): void;
  close(code: number): void;
  /** Cuts the connection without a close frame. */
  cut(): void;
};

/** A live endpoint of which the test writes the script. */
export type FakeEndpoint = {
  url: string;
  /** The next connection, when it comes. */
  accept(): Promise<FakeConnection>;
  /** Number of connections so far. */
  accepted(): number;
  close(): Promise<void>;
};

export async function openFakeEndpoint(): Promise<FakeEndpoint> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  const connections = queueOf<FakeConnection>();
  let accepted = 0;
  server.on("connection", (socket) => {
    accepted += 1;
    connections.put(toFakeConnection(socket));
  });

  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    accept: connections.take,
    accepted: () => accepted,
    async close() {
      for (const socket of server.clients) socket.terminate();
      server.close();
      await once(server, "close");
    },
  };
}

function toFakeConnection(socket: WebSocket): FakeConnection {
  const messages = queueOf<ClientMessage>();
  socket.on("message", (data) => messages.put(JSON.parse(String(data)) as ClientMessage));
  socket.on("error", () => {});
  return {
    read: messages.take,
    send: (...list) => {
      for (const message of list) socket.send(JSON.stringify(message));
    },
    raw: (data) => socket.send(data),
    close: (code) => socket.close(code),
    cut: () => socket.terminate(),
  };
}

function queueOf<T>() {
  const items: T[] = [];
  const takers: ((item: T) => void)[] = [];
  return {
    put(item: T) {
      const taker = takers.shift();
      if (taker) taker(item);
      else items.push(item);
    },
    take: (): Promise<T> =>
      new Promise((resolve) => {
        const item = items.shift();
        if (item === undefined) takers.push(resolve);
        else resolve(item);
      }),
  };
}
