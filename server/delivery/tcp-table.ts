import type { Socket } from "node:net";
import { endianness } from "node:os";

/** What Linux knows of one TCP connection (proc_pid_net(5), Documentation/networking/proc_net_tcp.rst). */
export type TcpState = {
  /** Bytes that the kernel has taken and the peer has not acknowledged. */
  readonly unacknowledged: number;
  /** Bytes were sent again, or several probes of a closed window, and nothing has come back yet. */
  readonly isUnanswered: boolean;
};

/** The table that lists a connection, and by which addresses. */
export type TcpKey = { readonly table: "tcp" | "tcp6"; readonly addresses: string };

/** Undefined for what is no open TCP connection. */
export function tcpKeyOf(socket: Socket): TcpKey | undefined {
  const { localAddress, localPort, remoteAddress, remotePort } = socket;
  if (!localAddress || !remoteAddress || localPort === undefined || remotePort === undefined)
    return undefined;
  const table = socket.remoteFamily === "IPv6" ? "tcp6" : "tcp";
  const [local, remote] = [endOf(localAddress, localPort), endOf(remoteAddress, remotePort)];
  return { table, addresses: `${local} ${remote}` };
}

const endOf = (address: string, port: number): string =>
  `${wordsOf(address)}:${port.toString(16).toUpperCase().padStart(4, "0")}`;

/** An address in words of four bytes, each written as the machine's own number. */
function wordsOf(address: string): string {
  const bytes = address.includes(":") ? bytesOfIpv6(address) : bytesOfIpv4(address);
  const words: string[] = [];
  for (let at = 0; at < bytes.length; at += 4) {
    const word = bytes.slice(at, at + 4);
    if (endianness() === "LE") word.reverse();
    words.push(Buffer.from(word).toString("hex").toUpperCase());
  }
  return words.join("");
}

const bytesOfIpv4 = (address: string): number[] => address.split(".").map(Number);

function bytesOfIpv6(address: string): number[] {
  const [text = ""] = address.split("%");
  const [head = "", tail] = text.split("::");
  const [first, last] = [bytesOfGroups(head), bytesOfGroups(tail ?? "")];
  return [...first, ...Array<number>(16 - first.length - last.length).fill(0), ...last];
}

const bytesOfGroups = (groups: string): number[] =>
  groups === ""
    ? []
    : groups.split(":").flatMap((group) => {
        if (group.includes(".")) return bytesOfIpv4(group);
        const value = Number.parseInt(group, 16);
        return [value >> 8, value & 0xff];
      });

const retransmitTimer = "01";
/**
 * One who has paused answers, yet may lose a probe, or leave one unanswered that came too soon (tcp_invalid_ratelimit), and
 * the next comes up to two minutes later.
 */
const missedProbes = 3;

/**
 * Calls `found` for each connection of the text of such a table.
 * @param isWanted most lines of a busy machine are somebody else's, and are not read any further
 */
export function readTcpTable(
  text: string,
  isWanted: (addresses: string) => boolean,
  found: (addresses: string, state: TcpState) => void,
): void {
  // "  12: 0100007F:1F90 0100007F:D3A2 01 00000000:00000000 00:00000000 00000000  1000        0 1234 …"
  const headEnd = text.indexOf("\n") + 1;
  for (let start = headEnd; start < text.length; ) {
    const newline = text.indexOf("\n", start);
    const end = newline < 0 ? text.length : newline;
    const from = text.indexOf(": ", start) + 2;
    const to = text.indexOf(" ", text.indexOf(" ", from) + 1);
    const addresses = text.slice(from, to);
    if (from > 1 && to > from && to < end && isWanted(addresses))
      found(addresses, stateOf(text.slice(to + 1, end)));
    start = end + 1;
  }
}

/** @param fields from the column `st` on */
function stateOf(fields: string): TcpState {
  const [, queues = "", timer = "", retransmits = "", , probes = ""] = fields.trim().split(/\s+/);
  const isResent = timer.startsWith(`${retransmitTimer}:`) && Number.parseInt(retransmits, 16) > 0;
  return {
    unacknowledged: Number.parseInt(queues, 16),
    isUnanswered: isResent || Number(probes) >= missedProbes,
  };
}
