import type { Socket } from "node:net";
import type { StreamGrant } from "../../core/domain/entitlement/stream-grant.ts";
import type { PeerWatch } from "./peer-watch.ts";

export type AckTracker = {
  /** Releases what is kept for a connection on which another request comes: its peer has what was sent before. */
  onRequest(socket: Socket): void;
  /** Releases the grant of a response of which `bytes` were handed to the connection, when its peer has them. */
  releaseWhenAcked(socket: Socket, grant: Pick<StreamGrant, "signal" | "release">, bytes: number): void;
};

/** So few bytes arrive soon on any line, and are not tracked. */
const smallBytes = 64 * 1024;

/**
 * Keeps a grant until the peer has acknowledged the bytes, or asks for something more on its connection. While it is
 * kept, its end resets the connection, and the kernel drops what it holds: a kernel takes megabytes that a slow line
 * delivers for many seconds, also after the stream was revoked.
 */
export function createAckTracker(peers: PeerWatch): AckTracker {
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
    onRequest: (socket) => kept.get(socket)?.(),
    releaseWhenAcked(socket, grant, bytes) {
      kept.get(socket)?.();
      if (bytes <= smallBytes || socket.destroyed) grant.release();
      else keep(socket, { signal: grant.signal, release: () => grant.release() });
    },
  };
}

type Held = { readonly signal: AbortSignal; readonly release: () => void };
