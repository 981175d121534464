import type { Static } from "typebox";
import type { ClientMessage, Device, ServerMessage } from "../../core/contract/live.ts";
import type { Problem } from "../../core/contract/problem.ts";
import { applyResult, emptyReplica } from "../../core/domain/subscriptions/replica.ts";
import type { Api } from "../api.ts";
import type { ClientClock } from "../clock.ts";
import { isSignedOut } from "../failure.ts";
import type { OpenSocket } from "../live/connection.ts";
import type { LiveState } from "../live/state.ts";
import type { Tabs } from "../tabs/election.ts";
import type { Note } from "../tabs/messages.ts";
import { createSharedLiveClient, type SharedLiveClient } from "../tabs/shared-live-client.ts";
import type { CatalogueFeed } from "./catalogue.ts";
import type { ChangeQueue } from "./change-queue.ts";
import type { Pending, Subscriptions } from "./changes.ts";
import {
  createOptimisticSubscriptions,
  type OptimisticSubscriptions,
  type SubscriptionEdit,
} from "./optimistic-subscriptions.ts";
import { createSender, type Sender, type SendOutcome } from "./sender.ts";
import { createStore, type Readable } from "./store.ts";

export type Devices = readonly Static<typeof Device>[];

type Current = {
  readonly live: SharedLiveClient;
  readonly queue: ChangeQueue;
  readonly subscriptions: OptimisticSubscriptions;
  readonly sender: Sender;
  readonly undo: readonly (() => void)[];
};

/**
 * The live client and the subscriptions of whoever is signed in, behind stores that outlive a change of user. What is
 * not sent when they sign out waits for their next visit.
 *
 * @param isSignedIn whether this browser's cookies are that user's
 * @param playsElsewhere told when another tab of this browser begins to play
 */
export function createSync(deps: {
  api: Api;
  openSocket: OpenSocket;
  clock: ClientClock;
  serverNow: () => number | undefined;
  random: () => number;
  newId: () => string;
  device: { id: string; name: string };
  tabs: Tabs;
  openQueue: (userId: string) => ChangeQueue;
  isSignedIn: (userId: string) => boolean;
  refused: (change: Pending, error: unknown) => void;
  /** Told once that changes wait, since Encore takes none just now. */
  delayed?: () => void;
  onAccount: (message: Extract<ServerMessage, { type: "account" }>) => void;
  onPlayback: (message: Extract<ServerMessage, { type: "playback" }>) => void;
  /** Told what the server refuses this device. */
  onProblem?: (problem: Problem) => void;
  catalogue: Pick<CatalogueFeed, "receive" | "missed">;
  onEnded: () => void;
  playsElsewhere: () => void;
}) {
  const state = createStore<LiveState>({ kind: "stopped", reason: "not-started" });
  const subscriptions = createStore<Subscriptions | undefined>(undefined);
  const devices = createStore<Devices>([]);
  let current: Current | undefined;
  /** There was a time without a connection since the last one. */
  let wasLost = false;

  function onMessage(message: ServerMessage): void {
    if (message.type === "devices") devices.set(message.items);
    if (message.type === "account") deps.onAccount(message);
    if (message.type === "playback") deps.onPlayback(message);
    if (message.type === "error") deps.onProblem?.(message.problem);
    if (message.type === "catalogue") deps.catalogue.receive(message.changed);
    if (message.type === "pong" && isAtGateway(state.get())) deps.catalogue.receive("many");
  }

  function onState(next: LiveState): void {
    state.set(next);
    if (next.kind === "live") onLive();
    else devices.set([]);
    if (next.kind === "waiting") wasLost = true;
    if (next.kind === "stopped" && next.reason === "session-ended") deps.onEnded();
  }

  function onLive(): void {
    current?.sender.wake();
    if (wasLost) deps.catalogue.missed();
    wasLost = false;
  }

  /** In every tab: what is committed is known, and what was refused is said. */
  function settle(outcome: SendOutcome): void {
    const { songId } = outcome.change;
    if (outcome.kind === "refused") deps.refused(outcome.change, outcome.error);
    else current?.live.replica.update((known) => applyResult(known, songId, outcome.result).replica);
  }

  function settled(outcome: SendOutcome): void {
    current?.live.tell({ kind: "settled", outcome });
    settle(outcome);
  }

  function onNote(note: Note): void {
    if (note.kind === "plays") deps.playsElsewhere();
    else {
      settle(note.outcome);
      current?.sender.heard(note.outcome);
    }
  }

  function enter(userId: string): void {
    leave();
    const replica = createStore(emptyReplica);
    const queue = deps.openQueue(userId);
    const live = createSharedLiveClient({
      ...deps,
      name: userId,
      replica,
      transports: async (signal) => (await deps.api.liveTransports(signal)).transports,
      fetchList: deps.api.subscriptions,
      signedOut: isSignedOut,
      onMessage,
      onNote,
    });
    const own = createOptimisticSubscriptions({ ...deps, replica, queue });
    // Another tab does not see what could not be stored.
    const maySend = ({ changeId }: Pending) =>
      deps.isSignedIn(userId) && (live.leads.get() || !queue.isKept(changeId));
    const sender = createSender({ ...deps, replica, queue, maySend, settled });
    const undo = [
      live.state.subscribe(onState),
      live.leads.subscribe(sender.wake),
      own.all.subscribe(subscriptions.set),
    ];
    current = { live, queue, subscriptions: own, sender, undo };
    live.start();
  }

  function leave(): void {
    if (current) close(current);
    current = undefined;
    subscriptions.set(undefined);
    devices.set([]);
    wasLost = false;
    state.set({ kind: "stopped", reason: "left" });
  }

  function close({ live, queue, subscriptions: own, sender, undo }: Current): void {
    for (const stop of undo) stop();
    sender.stop();
    live.stop();
    own.stop();
    queue.close();
  }

  return {
    state: state as Readable<LiveState>,
    subscriptions: subscriptions as Readable<Subscriptions | undefined>,
    devices: devices as Readable<Devices>,
    enter,
    leave,
    /** @returns whether there was a connection to send it by */
    send: (message: ClientMessage): boolean => current?.live.send(message) ?? false,
    change(change: SubscriptionEdit): void {
      current?.subscriptions.change(change);
      current?.live.check();
    },
    /** The account is gone, and so is what was to be sent for it. */
    forgetChanges(): void {
      for (const { changeId } of current?.queue.pending.get() ?? []) current?.queue.remove(changeId);
    },
    /** Tells the other tabs that this one begins to play. */
    plays: () => current?.live.tell({ kind: "plays" }),
    wake(): void {
      current?.live.wake();
      current?.sender.wake();
    },
  };
}

/** The gateway tells nobody of the catalogue: its devices ask again as often as it beats. */
const isAtGateway = (state: LiveState): boolean => state.kind === "live" && state.transport === "gateway";
