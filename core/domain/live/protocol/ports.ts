import type { PlaybackState } from "../../../contract/live.ts";

/** What a device says of itself in `hello`. */
export type DeviceLabel = { readonly id: string; readonly name: string };

/** One live connection as its endpoint knows it. `since` is an ISO 8601 timestamp. */
export type LiveConnection = {
  readonly connectionId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** The process or gateway that holds the socket. */
  readonly endpointId: string;
  readonly since: string;
};

/** What a user plays, and the connection that wrote it. */
type PlaybackRow = { readonly state: PlaybackState; readonly connectionId: string };

export type PlaybackStore = {
  getMany(userIds: readonly string[]): Promise<ReadonlyMap<string, PlaybackState>>;
  /** Writes on condition that the stored version is `state.version - 1` (0: no row). @returns whether it was written */
  take(userId: string, row: PlaybackRow): Promise<boolean>;
};
