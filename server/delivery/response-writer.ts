import type { ServerResponse } from "node:http";
import type { OnConnectionClose } from "./connection-close.ts";
import type { PeerWatch } from "./peer-watch.ts";

/** Writes the body of a response, which its client or `signal` may end at any moment. */
export type ResponseWriter = {
  /** Whether the client has left, or `signal` has ended the response. */
  readonly destroyed: boolean;
  write(bytes: Uint8Array | string): void;
  /** Undefined when more may be written now; else resolves on drain, or when the response is destroyed. */
  whenWritable(): Promise<void> | undefined;
  /** Ends the body. Resolves when all is handed to the connection, or when the response is destroyed. */
  end(): Promise<void>;
  /** Ends the listening to the connection and to `signal`. */
  unsubscribe(): void;
};

/** Most bytes that wait in one response: a client that does not read holds no more than this. */
const maxBufferedBytes = 256 * 1024;

export type ResponseWriterOptions = {
  readonly response: ServerResponse;
  /** Aborting it resets the connection. */
  readonly signal: AbortSignal;
  readonly onClose: OnConnectionClose;
  readonly peers: PeerWatch;
  onDestroyed(): void;
};

export function createResponseWriter({
  response,
  signal,
  onClose,
  peers,
  onDestroyed,
}: ResponseWriterOptions): ResponseWriter {
  const { socket } = response.req;
  let destroyed = socket.destroyed;
  const peer = peers.watch(socket);
  let resume = () => {};

  function leave(): void {
    destroyed = true;
    onDestroyed();
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
    get destroyed() {
      return destroyed;
    },
    write(bytes) {
      response.write(bytes);
    },
    whenWritable() {
      if (destroyed || response.writableLength < maxBufferedBytes) return undefined;
      return new Promise((resolve) => {
        resume = resolve;
        response.once("drain", resolve);
      });
    },
    end() {
      if (destroyed) return Promise.resolve();
      return new Promise((resolve) => {
        resume = resolve;
        response.end(resolve);
      });
    },
    unsubscribe() {
      forget();
      peer?.release();
      signal.removeEventListener("abort", cut);
    },
  };
}
