import type { ClientMessage, Hello, ServerMessage } from "../../core/contract/live.ts";
import { emptyReplica, type Replica } from "../../core/domain/subscriptions/replica.ts";
import type { ClientClock } from "../clock.ts";
import { pause } from "../clock.ts";
import { retryDelayMs } from "../retry.ts";
import { createStore, type Readable, type Store } from "../state/store.ts";
import { reconnectDelayMs } from "./backoff.ts";
import { createCatchUp } from "./catch-up.ts";
import { connect, type Ended, type LiveSocket, type OpenSocket } from "./connection.ts";
import { type FinalReason, finalReasonOf } from "./ending.ts";
import type { FetchList } from "./snapshot.ts";
import type { LiveState, Transport } from "./state.ts";
import { createTransportMemory } from "./transports.ts";

/** What a live client needs of its platform: a browser, a test or a load generator. */
export type LiveClientDeps = {
  openSocket: OpenSocket;
  /** `GET /api/live`; asked anew at each round, so that addresses and tokens are fresh. */
  transports: (signal: AbortSignal) => Promise<readonly Transport[]>;
  /** `GET /api/subscriptions`, one page. */
  fetchList: FetchList;
  device: Hello["device"];
  clock: ClientClock;
  random: () => number;
  /** Whether an error of `transports` or `fetchList` means that the session is over. */
  signedOut: (error: unknown) => boolean;
  /** `account`, `playback`, `devices`, `error` and the rest, after the client itself has applied them. */
  onMessage?: (message: ServerMessage) => void;
  /** Shared with whoever applies answers to own changes; made by the client when not given. */
  replica?: Store<Replica>;
};

export type LiveClient = {
  readonly state: Readable<LiveState>;
  readonly replica: Store<Replica>;
  start(): void;
  /** Ends everything; `start` begins anew. */
  stop(): void;
  /** The network or the user is back: connects at once, or finds out whether the connection still lives. */
  wake(): void;
  /** Sends if there is a connection; playback is state, not a queue. @returns whether it was sent */
  send(message: ClientMessage): boolean;
};

/** A connection that lasted this long was a good one: the next failure starts the backoff anew. */
const stableMs = 10_000;

type Round =
  | { readonly kind: "over"; readonly reason: FinalReason }
  | { readonly kind: "lost"; readonly waitMs: number };

/** Keeps one device of one user in step with Encore for as long as it runs, by the rules of docs/live.md. */
export function createLiveClient(deps: LiveClientDeps): LiveClient {
  const { clock, random } = deps;
  const replica = deps.replica ?? createStore(emptyReplica);
  const state = createStore<LiveState>({ kind: "stopped", reason: "not-started" });
  const memory = createTransportMemory(clock.now);
  const catchUp = createCatchUp({ ...deps, replica, fatal: deps.signedOut, ask: () => ask() });
  let running: AbortController | undefined;
  let resting: AbortController | undefined;
  let connection: LiveSocket | undefined;
  let failures = 0;

  const hello = (): Hello => {
    const { epoch, revision } = replica.get();
    return { type: "hello", epoch, since: epoch === null ? null : revision, device: deps.device };
  };

  function greet(): Hello {
    catchUp.asking();
    return hello();
  }

  function ask(): void {
    if (state.get().kind === "live") connection?.send(greet());
  }

  function receive(message: ServerMessage, transport: Transport, signal: AbortSignal): void {
    if (message.type === "welcome") {
      memory.worked(transport);
      state.set({ kind: "live", transport: transport.kind, connectionId: message.connectionId });
    }
    catchUp.receive(message, signal);
    deps.onMessage?.(message);
  }

  /** Connects by one transport. @returns how the connection ended */
  async function connectBy(transport: Transport, signal: AbortSignal): Promise<Ended> {
    state.set({ kind: "connecting", transport: transport.kind, attempt: failures });
    const onMessage = (message: ServerMessage) => signal.aborted || receive(message, transport, signal);
    const mine = connect({ url: transport.url, openSocket: deps.openSocket, clock, greet, onMessage });
    connection = mine;
    const leave = () => mine.close();
    signal.addEventListener("abort", leave, { once: true });
    const ended = await mine.ended;
    signal.removeEventListener("abort", leave);
    if (connection === mine) connection = undefined;
    return ended;
  }

  /** Tries the transports in turn; ends with the first connection that was ever welcomed, or when none was. */
  async function round(signal: AbortSignal): Promise<Round> {
    const transports = await deps.transports(signal);
    for (const transport of memory.inOrder(transports)) {
      if (signal.aborted) break;
      const startedAt = clock.now();
      const ended = await connectBy(transport, signal);
      const reason = finalReasonOf(ended);
      if (reason) return { kind: "over", reason };
      // The limit is the account's: no other endpoint would let this device in.
      const isFull = ended.bye?.reason === "too-many-connections";
      if (ended.welcomed || isFull) return lost(ended, clock.now() - startedAt);
      memory.failed(transport);
    }
    failures += 1;
    return { kind: "lost", waitMs: reconnectDelayMs(failures, random) };
  }

  function lost({ bye }: Ended, livedMs: number): Round {
    failures = livedMs >= stableMs && bye?.reason !== "flood" ? 0 : failures + 1;
    const asked = (bye?.retryAfterSeconds ?? 0) * 1000;
    return { kind: "lost", waitMs: asked + reconnectDelayMs(failures, random) };
  }

  async function tryRound(signal: AbortSignal): Promise<Round> {
    try {
      return await round(signal);
    } catch (error) {
      if (deps.signedOut(error)) return { kind: "over", reason: "session-ended" };
      failures += 1;
      return { kind: "lost", waitMs: retryDelayMs(error, failures, random) };
    }
  }

  async function run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const result = await tryRound(signal);
      if (signal.aborted) return;
      if (result.kind === "over") return finish(result.reason);
      state.set({ kind: "waiting", attempt: failures, retryAt: clock.now() + result.waitMs });
      resting = new AbortController();
      await pause(clock, result.waitMs, AbortSignal.any([signal, resting.signal]));
    }
  }

  function finish(reason: "left" | FinalReason): void {
    running?.abort();
    running = undefined;
    state.set({ kind: "stopped", reason });
  }

  return {
    state,
    replica,
    start() {
      if (running) return;
      running = new AbortController();
      failures = 0;
      state.set({ kind: "connecting", attempt: 0 });
      if (replica.get().revision === null) void catchUp.fetchList(running.signal);
      void run(running.signal);
    },
    stop: () => finish("left"),
    wake() {
      if (state.get().kind === "live") connection?.probe();
      else resting?.abort();
    },
    send(message) {
      if (state.get().kind !== "live") return false;
      connection?.send(message);
      return true;
    },
  };
}
