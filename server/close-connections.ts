import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

const everyMs = 100;

/**
 * Lets no connection keep a server that closes. Node closes connections once, when closing begins, and only those that are
 * idle behind a request: one that sent nothing yet, like a browser's that was opened in advance, would keep the server for
 * ever, and one whose request is being answered just then for the whole keep-alive time.
 *
 * @param graceMs what is still being asked or answered by then is cut
 */
export function closeConnections(app: FastifyInstance, graceMs = 10_000): void {
  const sockets = new Set<Socket>();
  // One function for all of them: a node has 15,000.
  function forget(this: Socket): void {
    sockets.delete(this);
  }
  app.server.on("connection", (socket) => sockets.add(socket.on("close", forget)));
  app.addHook("preClose", async () => {
    const sweep = setInterval(() => {
      app.server.closeIdleConnections();
      for (const socket of sockets) if (socket.bytesRead === 0) socket.destroy();
    }, everyMs).unref();
    const cut = setTimeout(() => app.server.closeAllConnections(), graceMs).unref();
    app.server.once("close", () => {
      clearInterval(sweep);
      clearTimeout(cut);
    });
  });
}
