import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { serve } from "../support/rpc.ts";

/** A way to a port on which everything takes so many milliseconds in each direction. */
serve({
  async open({ port, eachWayMs }: { port: number; eachWayMs: number }): Promise<number> {
    const server = createServer((near) => {
      const far = connect(port, "127.0.0.1");
      forward(near, far, eachWayMs);
      forward(far, near, eachWayMs);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return (server.address() as AddressInfo).port;
  },
});

function forward(from: Socket, to: Socket, delayMs: number): void {
  from.setNoDelay();
  from.on("data", (chunk) => setTimeout(() => to.write(chunk), delayMs));
  from.on("end", () => setTimeout(() => to.end(), delayMs));
  from.on("error", () => to.destroy());
}
