import type { ServerResponse } from "node:http";
import type { OnClose } from "./departures.ts";
import type { PeerWatch } from "./peer-watch.ts";

/** Where a body goes out: a response that may be told to stop, by its client or by us, at any moment. */
export type Outlet = {
  /** Whether there is nobody to write for any more. */
  readonly gone: boolean;
  write(bytes: Uint8Array | string): void;
  /** Undefined when more may be written now; else resolves when it may, or when nobody is there any more. */
  room(): Promise<void> | undefined;
  /** Resolves when all is handed to the connection, or nobody is there any more. */
  finish(): Promise<void>;
  /** Stops listening. */
  close(): void;
};

/** Most bytes that wait in one response: a reader who does not read holds no more than this. */
const maxPending = 256 * 1024;

export type OutletOptions = {
  readonly response: ServerResponse;
  /** Aborted: cut. */
  readonly signal: AbortSignal;
  readonly onClose: OnClose;
  readonly peers: PeerWatch;
  onGone(): void;
};

export function createOutlet({ response, signal, onClose, peers, onGone }: OutletOptions): Outlet {
  const { socket } = response.req;
  let gone = socket.destroyed;
  const peer = peers.watch(socket);
  let resume = () => {};

  function leave(): void {
    gone = true;
    onGone();
    resume();
  }
  /** A reset, since an orderly close would still deliver what the kernel has queued. */
  function cut(): void {
    socket.resetAndDestroy();
    leave();
  }
  const forget = onClose(socket, leave);
  if (signal.aborted) cut();
  else signal.addEventListener("abort", cut, { once: true });

  return {
    get gone() {
      return gone;
    },
    write(bytes) {
      response.write(bytes);
    },
    room() {
      if (gone || response.writableLength < maxPending) return undefined;
      return new Promise((resolve) => {
        resume = resolve;
        response.once("drain", resolve);
      });
    },
    finish() {
      if (gone) return Promise.resolve();
      return new Promise((resolve) => {
        resume = resolve;
        response.end(resolve);
      });
    },
    close() {
      forget();
      peer?.release();
      signal.removeEventListener("abort", cut);
    },
  };
}
