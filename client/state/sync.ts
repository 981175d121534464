import type { Static } from "typebox";
import type { ClientMessage, Device, ServerMessage } from "../../core/contract/live.ts";
import { emptyReplica } from "../../core/domain/subscriptions/replica.ts";
import type { Api } from "../api.ts";
import type { Clock } from "../clock.ts";
import { isSignedOut } from "../failure.ts";
import type { OpenSocket } from "../live/connection.ts";
import { createLiveSession, type LiveSession } from "../live/session.ts";
import type { LiveState } from "../live/state.ts";
import type { Pending, Subscriptions } from "./changes.ts";
import { createStore, type Readable } from "./store.ts";
import { createSubscriptionStore, type SubscriptionStore } from "./subscriptions.ts";

export type Devices = readonly Static<typeof Device>[];
export type Sync = ReturnType<typeof createSync>;

/**
 * The live session and the subscriptions of whoever is signed in, behind stores that outlive a change of user.
 */
export function createSync(deps: {
  api: Api;
  openSocket: OpenSocket;
  clock: Clock;
  random: () => number;
  newId: () => string;
  device: { id: string; name: string };
  refused: (change: Pending, error: unknown) => void;
  onAccount: (message: Extract<ServerMessage, { type: "account" }>) => void;
  onPlayback: (message: Extract<ServerMessage, { type: "playback" }>) => void;
  onEnded: () => void;
}) {
  const state = createStore<LiveState>({ kind: "stopped", reason: "not-started" });
  const subscriptions = createStore<Subscriptions | undefined>(undefined);
  const devices = createStore<Devices>([]);
  let current: { live: LiveSession; changes: SubscriptionStore; undo: (() => void)[] } | undefined;

  function onMessage(message: ServerMessage): void {
    if (message.type === "devices") devices.set(message.items);
    if (message.type === "account") deps.onAccount(message);
    if (message.type === "playback") deps.onPlayback(message);
  }

  function onState(next: LiveState): void {
    state.set(next);
    if (next.kind === "live") current?.changes.wake();
    else devices.set([]);
    if (next.kind === "stopped" && next.reason === "session-ended") deps.onEnded();
  }

  function enter(): void {
    leave();
    const replica = createStore(emptyReplica);
    const live = createLiveSession({
      ...deps,
      replica,
      doors: async (signal) => (await deps.api.liveDoors(signal)).doors,
      fetchList: deps.api.subscriptions,
      signedOut: isSignedOut,
      onMessage,
    });
    const changes = createSubscriptionStore({ ...deps, replica });
    const undo = [live.state.subscribe(onState), changes.all.subscribe(subscriptions.set)];
    current = { live, changes, undo };
    live.start();
  }

  function leave(): void {
    for (const undo of current?.undo ?? []) undo();
    current?.live.stop();
    current?.changes.stop();
    current = undefined;
    subscriptions.set(undefined);
    devices.set([]);
    state.set({ kind: "stopped", reason: "left" });
  }

  return {
    state: state as Readable<LiveState>,
    subscriptions: subscriptions as Readable<Subscriptions | undefined>,
    devices: devices as Readable<Devices>,
    enter,
    leave,
    /** @returns whether there was a connection to send it by */
    send: (message: ClientMessage): boolean => current?.live.send(message) ?? false,
    change: ((change) => current?.changes.change(change)) satisfies SubscriptionStore["change"],
    wake(): void {
      current?.live.wake();
      current?.changes.wake();
    },
  };
}
