import type { Socket } from "node:net";
import type { Admission } from "../../core/domain/streaming/ports.ts";
import type { PeerWatch } from "./peer-watch.ts";

export type Deliveries = {
  /** The peer asks for something more on a connection: it has what was sent before. */
  asked(socket: Socket): void;
  /** A response was handed over to its connection: releases the admission when the peer has what was sent. */
  settle(socket: Socket, admission: Pick<Admission, "signal" | "release">, bytes: number): void;
};

/** Less than this arrives soon on any line, and is not worth looking after (bytes). */
const smallBytes = 64 * 1024;

/**
 * Sent is not heard: the kernel takes megabytes that a slow line delivers for many seconds, also after the stream was
 * revoked. So an admission is kept until the peer has acknowledged the bytes, or asks for something more on its
 * connection, and while it is kept, its end resets the connection: what the kernel holds is dropped.
 */
export function createDeliveries(peers: PeerWatch): Deliveries {
  const kept = new WeakMap<Socket, () => void>();

  function keep(socket: Socket, { signal, release }: Held): void {
    const peer = peers.watch(socket);
    if (!peer) {
      release();
      return;
    }
    const cut = () => void socket.resetAndDestroy();
    let isDone = false;
    const done = () => {
      if (isDone) return;
      isDone = true;
      if (kept.get(socket) === done) kept.delete(socket);
      signal.removeEventListener("abort", cut);
      peer.release();
      release();
    };
    kept.set(socket, done);
    if (signal.aborted) cut();
    else signal.addEventListener("abort", cut, { once: true });
    peer.onDelivered(done);
  }

  return {
    asked: (socket) => kept.get(socket)?.(),
    settle(socket, admission, bytes) {
      kept.get(socket)?.();
      if (bytes <= smallBytes || socket.destroyed) admission.release();
      else keep(socket, { signal: admission.signal, release: () => admission.release() });
    },
  };
}

type Held = { readonly signal: AbortSignal; readonly release: () => void };
