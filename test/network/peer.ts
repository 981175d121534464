import { spawnSync } from "node:child_process";
import { connect, type Socket } from "node:net";
import type { PeerNews, PeerOrder } from "./line.ts";

/** A listener in a network of its own, that does as it is told. */
const tell = (news: PeerNews) => void process.send?.(news);
let socket: Socket | undefined;

process.on("message", (order: PeerOrder) => {
  if (order.kind === "up") {
    spawnSync("sh", [
      "-ec",
      `ip addr add ${order.address}/24 dev ${order.device}; ip link set ${order.device} up`,
    ]);
    tell({ kind: "up" });
  } else if (order.kind === "ask") ask(order);
  else if (order.kind === "pause") socket?.pause();
  else socket?.resume();
});
tell({ kind: "ready" });

function ask({ host, port, range }: Extract<PeerOrder, { kind: "ask" }>): void {
  const asking = connect(port, host);
  let how = "closed";
  asking.on("connect", () =>
    asking.write(`GET /stream/song HTTP/1.1\r\nHost: node\r\nRange: ${range}\r\n\r\n`),
  );
  asking.on("data", ({ length }) => tell({ kind: "bytes", count: length }));
  asking.on("error", ({ message }) => {
    how = message;
  });
  asking.on("close", () => tell({ kind: "closed", how }));
  socket = asking;
}
