import type { WebSocket } from "ws";
import type { Hub } from "./hub.ts";

export type DrainOptions = {
  /** Clients are asked to come back within this time, each at a moment of its own. */
  readonly spreadSeconds?: number;
  /** Sockets that have not closed by then are cut. */
  readonly graceMs?: number;
};

/** Sends every connection away (1012), so that they come back elsewhere and not all at once. */
export async function drain(
  hub: Hub,
  { spreadSeconds = 5, graceMs = 3_000 }: DrainOptions = {},
): Promise<void> {
  const sockets = [...hub.all()].map((connection) => {
    hub.end(connection, "draining", Math.random() * spreadSeconds);
    return connection.socket;
  });
  const cut = setTimeout(() => {
    for (const socket of sockets) socket.terminate();
  }, graceMs);
  await Promise.all(sockets.map(closed));
  clearTimeout(cut);
}

const closed = (socket: WebSocket): Promise<void> =>
  new Promise((resolve) => {
    if (socket.readyState === socket.CLOSED) resolve();
    else socket.once("close", () => resolve());
  });
