import type { Socket } from "node:net";
import type { ElapsedMs } from "../../core/domain/ports.ts";
import type { TcpKey, TcpState } from "./tcp-table.ts";

/** A peer, for whoever writes to it. */
export type WatchedPeer = {
  /** Calls back once when the peer has acknowledged all that was sent so far, or its connection is closed. */
  onDelivered(act: () => void): void;
  /** Ends the watching. */
  release(): void;
};

export type Peer = {
  readonly key: string;
  readonly table: TcpKey["table"];
  /** Takes what a poll that began at `polledAt` found; undefined where the connection is in no table. */
  onPoll(state: TcpState | undefined, polledAt: number, ackTimeoutMs: number): void;
  /** Takes that a poll failed: the kernel tells nothing. */
  onPollFailed(polledAt: number, stallTimeoutMs: number): void;
  watch(onUnwatched: () => void): WatchedPeer;
  close(): void;
};

export type PeerDeps = Pick<Peer, "key" | "table"> & {
  readonly elapsedMs: ElapsedMs;
  readonly pollWithin: (ms: number) => void;
};

/** How soon the table is polled where a delivery is waited for (milliseconds). */
const deliveryPollMs = 500;

export function createPeer(socket: Socket, { key, table, elapsedMs, pollWithin }: PeerDeps): Peer {
  let watchers = 0;
  let unansweredSince: number | undefined;
  /** Where the kernel tells nothing: what the connection had taken, and since when no more. */
  let taken = { bytes: -1, at: 0 };
  /** As of the last poll. */
  let last = { unacknowledged: 0, acknowledged: Number.POSITIVE_INFINITY };
  let undelivered: { readonly act: () => void; readonly at: number }[] = [];

  /** A poll that had begun when something was sent may not have seen it. */
  function delivered(before: number): void {
    const found = undelivered.filter(({ at }) => at < before);
    undelivered = undelivered.filter(({ at }) => at >= before);
    for (const { act } of found) act();
  }

  function pollForDelivery(): void {
    if (undelivered.length > 0) pollWithin(deliveryPollMs);
  }

  /** A line that loses much sends much again, yet some is acknowledged from poll to poll. */
  function takesSome(unacknowledged: number): boolean {
    const acknowledged = socket.bytesWritten - socket.writableLength - unacknowledged;
    const isSome = unacknowledged < last.unacknowledged || acknowledged > last.acknowledged;
    last = { unacknowledged, acknowledged };
    return isSome;
  }

  return {
    key,
    table,
    onPoll(state, polledAt, ackTimeoutMs) {
      const goesOn = takesSome(state?.unacknowledged ?? 0) || !state?.isUnanswered;
      unansweredSince = goesOn ? undefined : (unansweredSince ?? polledAt);
      if (unansweredSince !== undefined && polledAt - unansweredSince >= ackTimeoutMs)
        socket.resetAndDestroy();
      if (socket.writableLength + (state?.unacknowledged ?? 0) === 0) delivered(polledAt);
      pollForDelivery();
    },

    /** All that is known is what the kernel took. */
    onPollFailed(polledAt, stallTimeoutMs) {
      const bytes = socket.bytesWritten - socket.writableLength;
      if (bytes !== taken.bytes || socket.writableLength === 0) taken = { bytes, at: polledAt };
      if (polledAt - taken.at >= stallTimeoutMs) socket.resetAndDestroy();
      if (socket.writableLength === 0) delivered(polledAt);
      pollForDelivery();
    },

    watch(onUnwatched) {
      watchers += 1;
      let isReleased = false;
      return {
        onDelivered(act) {
          undelivered.push({ act, at: elapsedMs() });
          pollForDelivery();
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          watchers -= 1;
          if (watchers === 0) onUnwatched();
        },
      };
    },

    close: () => delivered(Number.POSITIVE_INFINITY),
  };
}
