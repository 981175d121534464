import type { ServerMessage } from "../../../core/contract/live.ts";
import type { Change, Subscription, SubscriptionPage } from "../../../core/contract/subscriptions.ts";

export const subscription = (songId: string, revision: number): Subscription => ({
  songId,
  tags: [],
  pinned: false,
  subscribedAt: "2026-03-01T12:00:00.000Z",
  revision,
});

export const put = (songId: string, revision: number): Change => ({
  op: "put",
  songId,
  revision,
  subscription: subscription(songId, revision),
});

/** The list after `revision` changes, each of which put song `s<revision>`. */
export const listAt = (revision: number, epoch = "e1"): SubscriptionPage => ({
  epoch,
  revision,
  items: Array.from({ length: revision }, (_, index) => subscription(`s${index + 1}`, index + 1)),
});

export const welcome = (revision: number, epoch = "e1"): ServerMessage => ({
  type: "welcome",
  connectionId: "c1",
  epoch,
  revision,
  heartbeatSeconds: 20,
});

export const changes = (from: number, to: number): ServerMessage => ({
  type: "changes",
  from,
  to,
  changes: Array.from({ length: to - from }, (_, index) => put(`s${from + index + 1}`, from + index + 1)),
});
