import type { PlaybackState } from "../../../contract/live.ts";

/** What a device says of itself in `hello`. */
export type DeviceLabel = { readonly id: string; readonly name: string };

/** One live session as its endpoint knows it. */
export type LiveConnection = {
  readonly connectionId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** The process or gateway that holds the socket. */
  readonly endpointId: string;
  readonly since: string;
};

/** The row of what a user plays, and by which connection it was written. */
type PlaybackRow = { readonly state: PlaybackState; readonly connectionId: string };

export type PlaybackStore = {
  getMany(userIds: readonly string[]): Promise<ReadonlyMap<string, PlaybackState>>;
  /** Writes on condition that the stored version is `state.version - 1` (0: there is no row). False: it was not. */
  take(userId: string, row: PlaybackRow): Promise<boolean>;
};
