import type { SongAudio } from "../catalogue/ports.ts";

/**
 * The right to stream one object, as entitlement gives it to delivery. The stream ends at once when `signal` is aborted,
 * and calls `release` exactly once, however it ends.
 */
export type StreamGrant = {
  readonly object: SongAudio;
  readonly signal: AbortSignal;
  /** Called with the number of bytes of each piece of audio that is handed to the connection. */
  onBytes?(count: number): void;
  release(): void;
};
