import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";

/**
 * The loopback's packets are so large and its way so short that the system's buffers take megabytes a connection: the
 * server would send whole songs at once, and rest while they play. A network namespace can have a loopback like a
 * listener's line, with an Ethernet's packets and this much in the buffers; nobody else on the machine notices.
 */
const packetBytes = 1500;
const receiveBytes = { least: 4096, first: 65_536, most: 131_072 };
const sendBytes = { least: 4096, first: 16_384, most: 262_144 };

const words = (bytes: typeof receiveBytes): string => Object.values(bytes).join(" ");
const enter = [
  ...["-r", "-n", "sh", "-ec"],
  `ip link set lo up mtu ${packetBytes}
  echo ${words(receiveBytes)} > /proc/sys/net/ipv4/tcp_rmem
  echo ${words(sendBytes)} > /proc/sys/net/ipv4/tcp_wmem
  exec "$@"`,
  "sh",
];

/** Linux, with iproute2, where users may make namespaces of their own. */
export const canHaveOwnNetwork = (): boolean =>
  spawnSync("unshare", [...enter, "true"], { stdio: "ignore" }).status === 0;

/** Runs a Node.js file in such a network. @returns its exit code */
export async function inOwnNetwork(args: readonly string[]): Promise<number> {
  const child = spawn("unshare", [...enter, process.execPath, ...args], { stdio: "inherit" });
  const [code] = (await once(child, "exit")) as [number | null];
  return code ?? 1;
}
