import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { ulid } from "ulid";
import { WebSocket, WebSocketServer } from "ws";
import { serve } from "../support/rpc.ts";
import { usage } from "../support/usage.ts";

/** What `ws` does by itself: it knows nobody, keeps a socket by its id, and sends what it is posted. */
const sockets = new Map<string, WebSocket>();

const server = createServer(async (request, response) => {
  const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
  for (const { connectionIds, text } of body.posts as { connectionIds: string[]; text: string }[])
    for (const id of connectionIds) {
      const socket = sockets.get(id);
      if (socket?.readyState === WebSocket.OPEN) socket.send(text);
    }
  response.end('{"gone":[]}');
});
const webSockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
webSockets.on("connection", (socket) => {
  const connectionId = ulid();
  sockets.set(connectionId, socket);
  socket.on("close", () => sockets.delete(connectionId));
  socket.on("message", () => {
    const position = { epoch: "bench-epoch", revision: 0, heartbeatSeconds: 30 };
    socket.send(JSON.stringify({ type: "welcome", connectionId, ...position }));
  });
});

serve({
  async start() {
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `ws://127.0.0.1:${port}/live`, address: `http://127.0.0.1:${port}` };
  },
  stop: () => {},
  ...usage,
});
