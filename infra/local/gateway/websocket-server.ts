import type { IncomingMessage } from "node:http";
import { type WebSocket, WebSocketServer } from "ws";

/** How long a client has to answer a close frame. */
const closeTimeoutMs = 2_000;

export type WebSocketUpgrader = {
  /** Finishes the handshake. Nothing comes back where the request is no proper one or the client has left. */
  upgrade(request: IncomingMessage, head: Buffer, protocol: string | undefined): WebSocket | undefined;
};

export function createWebSocketServer(maxMessageBytes: number): WebSocketUpgrader {
  const protocols = new WeakMap<IncomingMessage, string>();
  // Apart from the call, since the types do not know `closeTimeout` yet.
  const options = {
    noServer: true,
    clientTracking: false,
    maxPayload: maxMessageBytes,
    closeTimeout: closeTimeoutMs,
    handleProtocols: (_: Set<string>, request: IncomingMessage) => protocols.get(request) ?? false,
  };
  const server = new WebSocketServer(options);
  return {
    upgrade(request, head, protocol) {
      let opened: WebSocket | undefined;
      if (protocol !== undefined) protocols.set(request, protocol);
      // Without `verifyClient`, all of it happens before this returns.
      server.handleUpgrade(request, request.socket, head, (ws) => {
        opened = ws;
      });
      return opened;
    },
  };
}
