import type { WebSocket } from "ws";
import type { DeviceLabel, LiveConnection } from "../../core/domain/live/protocol/ports.ts";

/**
 * One socket of this node. There may be 15,000: plain fields, no closure and no timer of its own. Fields are emptied, never
 * deleted: an object that lost one is a dictionary to V8, which takes 0.8 KiB more.
 */
export type Session = LiveConnection & {
  readonly socket: WebSocket;
  /** Which slot of the wheel it turns with. */
  readonly slot: number;
  device: DeviceLabel | undefined;
  /** Frames that it may still send at once, as of `refilledAt` (milliseconds of `performance.now`). */
  tokens: number;
  refilledAt: number;
  /** The frames before the next one, while there are any. */
  work: Promise<void> | undefined;
  /** Anything was heard of the client since the wheel's last turn. */
  heard: boolean;
  /** The head's revision was told since the wheel's last turn. */
  told: boolean;
  /** What waits while the client does not read. */
  held: Held | undefined;
};

/** The newest text of each type, and since when the client has not been reading (`performance.now`). */
export type Held = { readonly since: number; readonly texts: Map<string, string> };
