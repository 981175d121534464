import type { ServerMessage } from "../../core/contract/live.ts";
import type { Replica } from "../../core/domain/subscriptions/replica.ts";
import type { LiveClient } from "../live/live-client.ts";
import type { LiveState } from "../live/state.ts";
import type { Store } from "../state/store.ts";
import type { FollowerMessage, LeaderMessage } from "./messages.ts";

export type Leader = {
  readonly client: LiveClient;
  hear(message: FollowerMessage): void;
  /** Ends the connection without a word: whoever leads next tells its own state. */
  stop(): void;
};

/**
 * The tab that has the connection: runs the live client from the replica that the tab has, and tells the others each
 * step of it.
 *
 * @param open makes the live client
 * @param told the latest messages that a tab must know that joins
 */
export function createLeader(deps: {
  open: (onMessage: (message: ServerMessage) => void) => LiveClient;
  replica: Store<Replica>;
  state: Store<LiveState>;
  told: () => readonly ServerMessage[];
  onMessage: (message: ServerMessage) => void;
  post: (message: LeaderMessage) => void;
}): Leader {
  const { replica, state, post } = deps;
  let last = replica.get();
  /** The replica has moved, and the other tabs do not know how. */
  let ahead = false;
  let stopped = false;

  const tellAll = (whole = true) =>
    post({ type: "all", state: state.get(), told: deps.told(), ...(whole && { replica: replica.get() }) });

  /**
   * Sends the other tabs the whole replica after a list has moved it. Pushes move it too, but within `onMessage`, which
   * tells the tabs itself; answers to own changes move no revision.
   */
  function follow(now: Replica): void {
    const moved = now.epoch !== last.epoch || now.revision !== last.revision;
    last = now;
    if (!moved) return;
    ahead = true;
    queueMicrotask(() => {
      if (ahead && !stopped) tellAll();
      ahead = false;
    });
  }

  function onMessage(message: ServerMessage): void {
    // A push that did not apply here tells the others nothing either.
    if (message.type !== "changes" || ahead) post({ type: "told", message, epoch: replica.get().epoch });
    if (message.type === "changes") ahead = false;
    deps.onMessage(message);
  }

  const client = deps.open(onMessage);
  const undo = [
    replica.subscribe(follow),
    client.state.subscribe((now) => {
      post({ type: "state", state: now });
      state.set(now);
    }),
  ];
  client.start();

  return {
    client,
    hear(message) {
      if (message.type === "join") tellAll(!isSame(message, replica.get()));
      else if (message.type === "wake") client.wake();
      else client.send(message.message);
    },
    stop() {
      stopped = true;
      for (const stop of undo) stop();
      client.stop();
    },
  };
}

type Position = Pick<Replica, "epoch" | "revision">;
const isSame = (a: Position, b: Position): boolean => a.epoch === b.epoch && a.revision === b.revision;
