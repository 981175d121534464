import type { ServerMessage } from "../../core/contract/live.ts";
import { applyChanges, type Replica } from "../../core/domain/subscriptions/replica.ts";
import type { ClientClock } from "../clock.ts";
import type { LiveState } from "../live/state.ts";
import type { Store } from "../state/store.ts";
import type { FollowerMessage, LeaderMessage } from "./messages.ts";

/** A tab that leads answers at once, hidden or not; one that does not within this hangs (milliseconds). */
const answerWithinMs = 5_000;
/** So often it is made sure that somebody leads (milliseconds). */
const checkEveryMs = 60_000;

export type Follower = {
  hear(message: LeaderMessage): void;
  /** Asks the tab that leads for what is missing, and so whether it is alive. */
  check(): void;
  stop(): void;
};

/**
 * A tab that lets another one have the connection, and keeps its own replica by what that one tells.
 *
 * @param overdue no tab answers
 */
export function createFollower(deps: {
  replica: Store<Replica>;
  state: Store<LiveState>;
  clock: ClientClock;
  onMessage: (message: ServerMessage) => void;
  post: (message: FollowerMessage) => void;
  overdue: () => void;
}): Follower {
  const { replica, state, clock } = deps;
  let cancel = () => {};
  let asked = false;

  function check(): void {
    const { epoch, revision } = replica.get();
    deps.post({ type: "join", epoch, revision });
    if (asked) return;
    asked = true;
    cancel();
    cancel = clock.after(answerWithinMs, deps.overdue);
  }

  function answered(): void {
    asked = false;
    cancel();
    cancel = clock.after(checkEveryMs, check);
  }

  function take(message: ServerMessage, epoch: string | null): void {
    if (message.type === "changes") apply(message, epoch);
    deps.onMessage(message);
  }

  function apply(message: Extract<ServerMessage, { type: "changes" }>, epoch: string | null): void {
    const current = replica.get();
    const next = applyChanges(current, message);
    if (current.epoch !== epoch || next.outcome === "gap") check();
    else replica.set(next.replica);
  }

  return {
    check,
    hear(message) {
      answered();
      if (message.type === "told") return take(message.message, message.epoch);
      if (message.type === "all" && message.replica) replica.set(newer(replica.get(), message.replica));
      state.set(message.state);
      if (message.type === "all") message.told.forEach(deps.onMessage);
    },
    stop() {
      asked = false;
      cancel();
    },
  };
}

/** A tab that has just begun to lead may have less than those that follow it: nothing goes back. */
function newer(own: Replica, told: Replica): Replica {
  if (told.revision === null) return own;
  const behind = told.epoch === own.epoch && told.revision < (own.revision ?? 0);
  return behind ? own : told;
}
