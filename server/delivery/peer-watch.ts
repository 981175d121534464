import { readFile } from "node:fs/promises";
import type { Socket } from "node:net";
import type { ElapsedMs } from "../../core/domain/ports.ts";
import { createPeer, type Peer, type WatchedPeer } from "./peer.ts";
import { readTcpTable, type TcpKey, type TcpState, tcpKeyOf } from "./tcp-table.ts";

export type PeerWatch = {
  /**
   * Watches a connection until it is closed or released; undefined where the socket is no TCP connection.
   * The connection of a peer that vanished is reset.
   */
  watch(socket: Socket): WatchedPeer | undefined;
};

export type PeerWatchOptions = {
  /** Reads a table of the kernel (proc_pid_net(5)); rejects where there is none. */
  readonly read?: (table: TcpKey["table"]) => Promise<string>;
  readonly elapsedMs?: ElapsedMs;
  /** How often the table is read while nobody waits for a delivery. */
  readonly pollMs?: number;
  /** How long a peer may leave unanswered what was sent to it: so long may a tunnel be. */
  readonly ackTimeoutMs?: number;
  /** Where the kernel tells nothing: how long a peer may take nothing at all. */
  readonly stallTimeoutMs?: number;
};

/** Polling takes at most one part in so many of a processor. */
const restFactor = 20;
const leastRestMs = 20;

/**
 * Watches the peers of all open responses for what Node.js does not tell: how much of what was sent they have
 * acknowledged, and whether they still answer. One poll of the kernel's table is for all of them, every few seconds, or
 * sooner where a delivery is waited for. Where there is no such table (no Linux), TCP's own keep-alive and
 * `stallTimeoutMs` stand in.
 */
export function createPeerWatch({
  read = (table) => readFile(`/proc/self/net/${table}`, "latin1"),
  elapsedMs = () => performance.now(),
  pollMs = 5_000,
  ackTimeoutMs = 20_000,
  stallTimeoutMs = 600_000,
}: PeerWatchOptions = {}): PeerWatch {
  const peers = new Map<string, Peer>();
  const bySocket = new WeakMap<Socket, Peer>();
  let timer: NodeJS.Timeout | undefined;
  let dueAt = Number.POSITIVE_INFINITY;
  let isPolling = false;
  let restUntil = 0;

  /** Polls within `ms`, or as soon as the rest after the last poll is over. */
  function pollWithin(ms: number): void {
    const at = Math.max(elapsedMs() + ms, restUntil);
    if (isPolling || at >= dueAt) return;
    clearTimeout(timer);
    dueAt = at;
    timer = setTimeout(() => void poll(), at - elapsedMs()).unref();
  }

  async function poll(): Promise<void> {
    dueAt = Number.POSITIVE_INFINITY;
    isPolling = true;
    const polledAt = elapsedMs();
    const states = await readAll();
    isPolling = false;
    for (const peer of peers.values()) {
      const state = states?.get(peer.key);
      if (states) peer.onPoll(state, polledAt, ackTimeoutMs);
      else peer.onPollFailed(polledAt, stallTimeoutMs);
    }
    if (peers.size > 0) pollWithin(pollMs);
  }

  /** Undefined where the kernel does not tell. */
  async function readAll(): Promise<ReadonlyMap<string, TcpState> | undefined> {
    const states = new Map<string, TcpState>();
    const tables = new Set([...peers.values()].map(({ table }) => table));
    let spentMs = 0;
    try {
      for (const table of tables) {
        const startedAt = performance.now();
        const text = await read(table);
        readTcpTable(
          text,
          (key) => peers.has(key),
          (key, state) => states.set(key, state),
        );
        spentMs += performance.now() - startedAt;
      }
      return states;
    } catch {
      return undefined;
    } finally {
      restUntil = elapsedMs() + Math.max(leastRestMs, spentMs * restFactor);
    }
  }

  function add(socket: Socket, { table, addresses }: TcpKey): Peer {
    const peer = createPeer(socket, { key: addresses, table, elapsedMs, pollWithin });
    peers.set(addresses, peer);
    bySocket.set(socket, peer);
    // For where the kernel tells nothing; elsewhere it shortens the probes of a connection that is idle.
    socket.setKeepAlive(true, 30_000);
    socket.once("close", () => forget(peer));
    return peer;
  }

  function forget(peer: Peer): void {
    if (peers.get(peer.key) === peer) peers.delete(peer.key);
    peer.close();
  }

  return {
    watch(socket) {
      if (socket.destroyed) return undefined;
      const known = bySocket.get(socket);
      const key = known ? undefined : tcpKeyOf(socket);
      const peer = known ?? (key && add(socket, key));
      if (!peer) return undefined;
      peers.set(peer.key, peer);
      pollWithin(pollMs);
      return peer.watch(() => {
        if (peers.get(peer.key) === peer) peers.delete(peer.key);
      });
    },
  };
}
