import type { Socket } from "node:net";
import type { ElapsedMs } from "../../core/domain/ports.ts";
import type { TcpKey, TcpState } from "./tcp-table.ts";

/** A peer as whoever writes to it sees it. */
export type WatchedPeer = {
  /** Calls back once when the peer has acknowledged all that was sent so far, or its connection is closed. */
  onDelivered(act: () => void): void;
  /** Ends the watching. */
  release(): void;
};

export type Peer = {
  readonly key: string;
  readonly table: TcpKey["table"];
  /** What a look that began at a time found; undefined where the connection is in no table. */
  see(state: TcpState | undefined, lookedAt: number, vanishedMs: number): void;
  seeNothing(lookedAt: number, stalledMs: number): void;
  use(onUnused: () => void): WatchedPeer;
  close(): void;
};

export type PeerDeps = Pick<Peer, "key" | "table"> & {
  readonly elapsedMs: ElapsedMs;
  readonly lookWithin: (ms: number) => void;
};

/** How soon is looked where a delivery is waited for, in milliseconds. */
const deliveryLookMs = 500;

export function createPeer(socket: Socket, { key, table, elapsedMs, lookWithin }: PeerDeps): Peer {
  let users = 0;
  let unansweredSince: number | undefined;
  /** Where the kernel tells nothing: what the connection had taken, and since when no more. */
  let taken = { bytes: -1, at: 0 };
  /** As of the last look. */
  let last = { unacknowledged: 0, acknowledged: Number.POSITIVE_INFINITY };
  let undelivered: { readonly act: () => void; readonly at: number }[] = [];

  /** A look that had begun when something was sent may not have seen it. */
  function delivered(before: number): void {
    const found = undelivered.filter(({ at }) => at < before);
    undelivered = undelivered.filter(({ at }) => at >= before);
    for (const { act } of found) act();
  }

  function lookForDelivery(): void {
    if (undelivered.length > 0) lookWithin(deliveryLookMs);
  }

  /** A line that loses much sends much again, yet some is acknowledged from look to look. */
  function takesSome(unacknowledged: number): boolean {
    const acknowledged = socket.bytesWritten - socket.writableLength - unacknowledged;
    const isSome = unacknowledged < last.unacknowledged || acknowledged > last.acknowledged;
    last = { unacknowledged, acknowledged };
    return isSome;
  }

  return {
    key,
    table,
    see(state, lookedAt, vanishedMs) {
      const goesOn = takesSome(state?.unacknowledged ?? 0) || !state?.isUnanswered;
      unansweredSince = goesOn ? undefined : (unansweredSince ?? lookedAt);
      if (unansweredSince !== undefined && lookedAt - unansweredSince >= vanishedMs) socket.resetAndDestroy();
      if (socket.writableLength + (state?.unacknowledged ?? 0) === 0) delivered(lookedAt);
      lookForDelivery();
    },

    /** All that is known is what the kernel took. */
    seeNothing(lookedAt, stalledMs) {
      const bytes = socket.bytesWritten - socket.writableLength;
      if (bytes !== taken.bytes || socket.writableLength === 0) taken = { bytes, at: lookedAt };
      if (lookedAt - taken.at >= stalledMs) socket.resetAndDestroy();
      if (socket.writableLength === 0) delivered(lookedAt);
      lookForDelivery();
    },

    use(onUnused) {
      users += 1;
      let isReleased = false;
      return {
        onDelivered(act) {
          undelivered.push({ act, at: elapsedMs() });
          lookForDelivery();
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          users -= 1;
          if (users === 0) onUnused();
        },
      };
    },

    close: () => delivered(Number.POSITIVE_INFINITY),
  };
}
