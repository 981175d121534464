import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/** The node's end of the line, and the listener's. */
export const nodeAddress = "10.93.0.1";
const peerAddress = "10.93.0.2";
const nodeEnd = "node0";
const peerEnd = "peer0";

/** Runs a command in this process's network. @throws Error with what it said */
function run(command: string): void {
  const { status, stderr } = spawnSync("sh", ["-ec", command], { encoding: "utf8" });
  if (status !== 0) throw new Error(`${command}: ${stderr}`);
}

/** What a listener's process is told, and what it tells. */
export type PeerOrder =
  | { readonly kind: "up"; readonly address: string; readonly device: string }
  | { readonly kind: "ask"; readonly host: string; readonly port: number; readonly range: string }
  | { readonly kind: "pause" }
  | { readonly kind: "resume" };
export type PeerNews =
  | { readonly kind: "ready" | "up" }
  | { readonly kind: "bytes"; readonly count: number }
  | { readonly kind: "closed"; readonly how: string };

export type Line = {
  readonly peer: ChildProcess;
  order(order: PeerOrder): void;
  /** A line of so many kbit/s, which queues so many bytes as many a router does. */
  shape(kbits: number, queueBytes: number): void;
  /** From now on nothing arrives on either side, and nobody is told. */
  vanish(): void;
  close(): void;
};

/** A pair of virtual Ethernet devices between this process's network and one of a listener's own. */
export async function openLine(peerModule: string): Promise<Line> {
  const peer = spawn("unshare", ["-n", process.execPath, peerModule], {
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const order = (message: PeerOrder) => void peer.send(message);
  await once(peer, "message");
  run(`ip link add ${nodeEnd} type veth peer name ${peerEnd}
    ip link set ${peerEnd} netns ${peer.pid}
    ip addr add ${nodeAddress}/24 dev ${nodeEnd}
    ip link set ${nodeEnd} up`);
  order({ kind: "up", address: peerAddress, device: peerEnd });
  await once(peer, "message");
  return {
    peer,
    order,
    shape: (kbits, queueBytes) =>
      run(`tc qdisc replace dev ${nodeEnd} root tbf rate ${kbits}kbit burst 5k limit ${queueBytes}`),
    vanish: () =>
      run(`tc qdisc del dev ${nodeEnd} root || true; tc qdisc replace dev ${nodeEnd} root pfifo limit 0`),
    close: () => {
      peer.kill("SIGKILL");
      run(`ip link del ${nodeEnd} || true`);
    },
  };
}
