import WebSocket from "ws";
import { createApi } from "../../client/api.ts";
import type { ClientClock } from "../../client/clock.ts";
import { ApiFailure, isSignedOut } from "../../client/failure.ts";
import { createHttp } from "../../client/http.ts";
import type { OpenSocket, Socket } from "../../client/live/connection.ts";
import { createLiveClient } from "../../client/live/live-client.ts";
import { createChangeQueue, type KeyStorage } from "../../client/state/change-queue.ts";
import { createOptimisticSubscriptions } from "../../client/state/optimistic-subscriptions.ts";
import { createSender } from "../../client/state/sender.ts";
import { createStore } from "../../client/state/store.ts";
import type { ByeReason, ClientMessage, PlaybackState, ServerMessage } from "../../core/contract/live.ts";
import type { SubscriptionResult } from "../../core/contract/subscriptions.ts";
import { applyResult, emptyReplica, type Replica } from "../../core/domain/subscriptions/replica.ts";
import type { TestUser } from "../support/listeners.ts";
import { type Defence, type Switch, switchOf } from "./defences.ts";
import { startTcpProxy, type TcpProxy } from "./world/tcp-proxy.ts";
import type { World } from "./world/world.ts";

export type NetworkPart = "node" | "gateway" | "rest";

/** What became of one change that a device made. */
export type Made = {
  readonly changeId: string;
  readonly op: "put" | "patch" | "delete";
  readonly songId: string;
  outcome: "unknown" | "acknowledged" | "refused";
  result?: SubscriptionResult;
  /** Why it was refused. */
  why?: string;
};

export type DeviceOptions = {
  readonly name: string;
  readonly user: TestUser;
  readonly random: () => number;
  /** How far its clock is off, in milliseconds. */
  readonly clockOffMs: number;
  readonly gatewayFirst: boolean;
  readonly off?: Defence | undefined;
  /** The page before this one on the same device, which left what it had not sent. */
  readonly before?: { readonly storage: KeyStorage; readonly made: Map<string, Made> } | undefined;
  /** What else it does not hear. */
  readonly deafTo?: Switch["heard"];
};

export type Device = Awaited<ReturnType<typeof startDevice>>;

/** Waits of seconds last a fifth of it. */
const speed = 5;
const createClock = (offMs: () => number): ClientClock => ({
  now: () => offMs() + Date.now() * speed,
  after(ms, then) {
    const timer = setTimeout(then, ms / speed);
    return () => clearTimeout(timer);
  },
});

/** The player's own live client and changes, behind a network of its own that fails to order. */
export async function startDevice(world: World, options: DeviceOptions) {
  const { name, user, random } = options;
  let clockOffMs = options.clockOffMs;
  const clock = createClock(() => clockOffMs);
  const network: Record<NetworkPart, TcpProxy> = {
    node: await startTcpProxy(world.nodePort),
    gateway: await startTcpProxy(world.gatewayPort),
    rest: await startTcpProxy(world.gatewayPort),
  };
  const transports = [
    { url: `ws://127.0.0.1:${network.node.port}/live`, kind: "node" as const },
    { url: `ws://127.0.0.1:${network.gateway.port}${world.gatewayPath}`, kind: "gateway" as const },
  ];
  const signedIn = { authorization: `Bearer ${user.token}` };
  const http = createHttp({
    fetch: (path, init) => {
      const headers = new Headers(init?.headers);
      headers.set("authorization", signedIn.authorization);
      return fetch(`http://127.0.0.1:${network.rest.port}${String(path)}`, { ...init, headers });
    },
    clock,
    random,
    currentCookie: () => undefined,
    renew: async () => {},
    signedOut: () => {},
  });
  const api = createApi(http);
  const { storage, made } = options.before ?? { storage: createStorage(), made: new Map<string, Made>() };
  const seen: Replica[] = [];
  const told: PlaybackState[] = [];
  const byes: ByeReason[] = [];
  const replica = createStore(emptyReplica);
  replica.subscribe((state) => void seen.push(state));

  const live = createLiveClient({
    openSocket: hearing(
      options,
      (url, protocol) => new WebSocket(url, protocol, { headers: signedIn }) as Socket,
    ),
    transports: async () => (options.gatewayFirst ? transports.toReversed() : transports),
    fetchList: api.subscriptions,
    device: { id: `${name}-${user.sessionId}`, name },
    clock,
    random,
    signedOut: isSignedOut,
    onMessage: (message) => {
      if (message.type === "playback" && message.state) told.push(message.state);
      if (message.type === "bye") byes.push(message.reason);
    },
    replica,
  });

  const queue = createChangeQueue({ userId: user.userId, storage, clock, onStorage: () => () => {} });
  const note = (changeId: string, what: Partial<Made>) => {
    const change = made.get(changeId);
    if (change) Object.assign(change, what);
  };
  const changes = createOptimisticSubscriptions({ queue, replica, serverNow: clock.now, newId: () => name });
  const sender = createSender({
    api,
    queue,
    replica,
    clock,
    random,
    maySend: () => true,
    settled(outcome) {
      const { changeId, songId } = outcome.change;
      if (outcome.kind === "refused")
        return note(changeId, { outcome: "refused", why: kindOf(outcome.error) });
      note(changeId, { outcome: "acknowledged", result: outcome.result });
      replica.update((known) => applyResult(known, songId, outcome.result).replica);
    },
  });
  live.state.subscribe(({ kind }) => kind === "live" && sender.wake());
  live.start();

  /** The page is closed, in the middle of whatever it does. */
  function leave(): void {
    live.stop();
    sender.stop();
    changes.stop();
    queue.close();
  }

  return {
    name,
    storage,
    made,
    seen,
    told,
    byes,
    replica,
    live,
    network,
    user,
    shown: () => changes.all.get(),
    change(op: Made["op"], songId: string, rating: number): void {
      const before = new Set(queue.pending.get().map(({ changeId }) => changeId));
      // No two changes are alike.
      const tags = [`${name} ${made.size}`];
      if (op === "put") changes.change({ op, songId, input: { rating, tags } });
      else if (op === "patch") changes.change({ op, songId, input: { tags } });
      else changes.change({ op, songId });
      const added = queue.pending.get().find(({ changeId }) => !before.has(changeId));
      if (added) made.set(added.changeId, { changeId: added.changeId, op, songId, outcome: "unknown" });
    },
    parts: (part: NetworkPart | "all"): TcpProxy[] =>
      part === "all" ? Object.values(network) : [network[part]],
    /** Whether every change has left the queue. */
    settled: () => queue.pending.get().length === 0,
    /** So much time passes for it, in milliseconds. */
    sleep(ms: number): void {
      clockOffMs += ms;
    },
    wake(): void {
      live.wake();
      sender.wake();
    },
    leave,
    async close(): Promise<void> {
      leave();
      await Promise.all(Object.values(network).map((proxy) => proxy.close()));
    },
  };
}

/** What a browser keeps over reloads. */
function createStorage(): KeyStorage {
  const texts = new Map<string, string>();
  return {
    get length() {
      return texts.size;
    },
    key: (at) => [...texts.keys()][at] ?? null,
    getItem: (key) => texts.get(key) ?? null,
    setItem: (key, text) => void texts.set(key, text),
    removeItem: (key) => void texts.delete(key),
  };
}

const kindOf = (error: unknown): string => (error instanceof ApiFailure ? error.kind : String(error));

/** A device that hears and says what is left without the defence that is off. */
function hearing({ off, deafTo }: DeviceOptions, open: OpenSocket): OpenSocket {
  const { heard: hears, says } = switchOf(off);
  const heard = (message: ServerMessage) => {
    const left = deafTo ? deafTo(message) : message;
    return left && hears ? hears(left) : left;
  };
  if (!deafTo && !hears && !says) return open;
  return (url, protocol) => {
    const socket = open(url, protocol);
    const said = new Map<string, number>();
    return {
      get readyState() {
        return socket.readyState;
      },
      close: (code, reason) => socket.close(code, reason),
      send(data) {
        const message = JSON.parse(data) as ClientMessage;
        const before = said.get(message.type) ?? 0;
        said.set(message.type, before + 1);
        if (says?.(message, before) ?? true) socket.send(data);
      },
      addEventListener(type: string, listener: (event: never) => void) {
        if (type !== "message") return socket.addEventListener(type as "error", listener as never);
        socket.addEventListener("message", ({ data }) => {
          const message = heard(JSON.parse(String(data)) as ServerMessage);
          if (message) (listener as (event: { data: unknown }) => void)({ data: JSON.stringify(message) });
        });
      },
    };
  };
}
