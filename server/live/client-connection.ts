import type { WebSocket } from "ws";
import type { DeviceLabel, LiveConnection } from "../../core/domain/live/protocol/ports.ts";

/**
 * One live WebSocket of this node. There may be 15,000, so it has plain fields, no closure and no timer. Fields are
 * emptied, never deleted: V8 makes a dictionary of an object that lost one, which takes 0.8 KiB more.
 */
export type ClientConnection = LiveConnection & {
  readonly socket: WebSocket;
  /** The slot of the heartbeat wheel, from 0. */
  readonly slot: number;
  device: DeviceLabel | undefined;
  /** Frames that it may still send at once, as of `refilledAt` (milliseconds of `performance.now`). */
  tokens: number;
  refilledAt: number;
  /** The frames before the next one, while there are any. */
  work: Promise<void> | undefined;
  /** Something came from the client since the wheel's last turn. */
  heard: boolean;
  /** The head's revision was sent since the wheel's last turn. */
  revisionSent: boolean;
  /** Messages that wait while the client does not read. */
  backlog: Backlog | undefined;
};

/** The newest text of each type, and since when the client has not been reading (`performance.now`). */
export type Backlog = { readonly since: number; readonly texts: Map<string, string> };
