import type { Static } from "typebox";
import {
  type ClientMessage,
  liveProtocol,
  type ServerMessage,
  type Welcome,
} from "../../core/contract/live.ts";
import type { ClientClock } from "../clock.ts";
import { type AnyBye, parseAnyBye, parseServerMessage } from "./message.ts";

/** What Encore needs of a WebSocket: the browser's own, or `ws` in Node. */
export type Socket = {
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  addEventListener(type: "close", listener: (event: { code: number }) => void): void;
  addEventListener(type: "error", listener: (event: unknown) => void): void;
};
export type OpenSocket = (url: string, protocol: string) => Socket;

/** How a connection ended. */
export type Ended = { readonly code: number; readonly bye?: AnyBye; readonly welcomed: boolean };

export type LiveSocket = {
  send(message: ClientMessage): void;
  /** Asks for a sign of life now; without one in 5 s the connection counts as dead. */
  probe(): void;
  close(): void;
  readonly ended: Promise<Ended>;
};

const welcomeWithinMs = 10_000;
const answerWithinMs = 10_000;
const probeWithinMs = 5_000;
const open = 1;

/**
 * One socket from opening to end: heartbeat, deadlines, goodbye. It knows nothing of other tries.
 *
 * @param greet makes the `hello`, when the socket is open
 */
export function connect(deps: {
  url: string;
  openSocket: OpenSocket;
  clock: ClientClock;
  greet: () => ClientMessage;
  onMessage: (message: ServerMessage) => void;
}): LiveSocket {
  const { clock } = deps;
  const socket = deps.openSocket(deps.url, liveProtocol);
  const { promise: ended, resolve } = Promise.withResolvers<Ended>();
  let bye: AnyBye | undefined;
  let welcomed = false;
  let cancelBeat = () => {};
  let cancelDeadline = clock.after(welcomeWithinMs, () => finish(1006));

  /** Does not wait for the peer's close frame: over a dead network it would never come. */
  function finish(code: number): void {
    cancelBeat();
    cancelDeadline();
    resolve({ code, welcomed, ...(bye ? { bye } : {}) });
    socket.close();
  }

  function send(message: ClientMessage): void {
    if (socket.readyState === open) socket.send(JSON.stringify(message));
  }

  function ping(withinMs: number): void {
    send({ type: "ping" });
    cancelDeadline();
    cancelDeadline = clock.after(withinMs, () => finish(1006));
  }

  function beat(everyMs: number): void {
    cancelBeat();
    cancelBeat = clock.after(everyMs, () => {
      ping(answerWithinMs);
      beat(everyMs);
    });
  }

  function welcome({ heartbeatSeconds }: Static<typeof Welcome>): void {
    welcomed = true;
    beat(heartbeatSeconds * 1000);
  }

  /** The peer closes; where it does not, this end does. */
  function leave(goodbye: AnyBye): void {
    bye = goodbye;
    cancelDeadline();
    cancelDeadline = clock.after(1_000, () => finish(1000));
  }

  function handle(message: ServerMessage): void {
    if (welcomed || message.type === "welcome") cancelDeadline();
    if (message.type === "welcome") welcome(message);
    if (message.type === "bye") leave(message);
    deps.onMessage(message);
  }

  function receive(data: unknown): void {
    const message = parseServerMessage(data);
    const goodbye = message ? undefined : parseAnyBye(data);
    if (message) handle(message);
    else if (goodbye) leave(goodbye);
  }

  socket.addEventListener("open", () => send(deps.greet()));
  socket.addEventListener("message", ({ data }) => receive(data));
  socket.addEventListener("close", ({ code }) => finish(code));
  // A failed socket closes as well; without a listener `ws` would throw.
  socket.addEventListener("error", () => {});

  return { send, ended, probe: () => ping(probeWithinMs), close: () => finish(1000) };
}
