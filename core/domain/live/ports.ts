import type { PlanName, Role } from "../../contract/accounts.ts";
import type { ByeReason, PlaybackState } from "../../contract/live.ts";

/** What a device says of itself in `hello`. */
export type DeviceLabel = { readonly id: string; readonly name: string };

/** One live session as its door knows it. */
export type LiveConnection = {
  readonly connectionId: string;
  readonly userId: string;
  readonly sessionId: string;
  /** The process or gateway that holds the socket. */
  readonly endpointId: string;
  readonly since: string;
};

/** One row of `connection` of kind `live`. `device` is there from `hello` on. */
export type ConnectionRow = LiveConnection & {
  readonly device?: DeviceLabel;
  /** Another value at each write, so that a row can be deleted on condition that nobody wrote it since. */
  readonly stamp: string;
  /** Seconds since the epoch; for doors without a lease of their own. */
  readonly ttl?: number;
};

/** Where one session streams: an entry of the user's `streams` row, by session. */
export type StreamPlace = {
  /** The process that took it last, and those at which responses of the session may still flow. */
  readonly endpointId: string;
  readonly otherEndpointIds?: readonly string[];
  readonly deviceName?: string;
  readonly since?: string;
  /** The version of the row at which it was taken: what orders places, where clocks cannot. */
  readonly order?: number;
  /** The id of the person's wish that took it, where one was named. */
  readonly wish?: string;
};

/** Every process at which a session may stream. */
export const endpointsOf = ({ endpointId, otherEndpointIds = [] }: StreamPlace): readonly string[] => [
  endpointId,
  ...otherEndpointIds,
];

/** Every way to reach a user. */
export type Reach = {
  readonly connections: readonly ConnectionRow[];
  readonly places: ReadonlyMap<string, StreamPlace>;
};

export type RowKey = Pick<LiveConnection, "userId" | "connectionId">;
export type RowWrite =
  | { readonly op: "put"; readonly row: ConnectionRow }
  | { readonly op: "delete"; readonly key: RowKey };

/** Rows that several users' connections and places make, a page at a time. */
export type ReachPage = { readonly users: ReadonlyMap<string, Reach>; readonly next?: ScanPosition };
/** Where a scan ended: the last key read. */
export type ScanPosition = { readonly userId: string; readonly connectionId: string };

export type ConnectionStore = {
  /** Many unconditional writes at once; keys differ. */
  writeMany(writes: readonly RowWrite[]): Promise<void>;
  get(key: RowKey): Promise<ConnectionRow | undefined>;
  /** Consistent: a row written before the call is seen. */
  reach(userId: string): Promise<Reach>;
  /** Deletes the row unless it was written again since it was read. */
  deleteUnchanged(row: ConnectionRow): Promise<void>;
  /** Live rows of one endpoint; eventually consistent. */
  ofEndpoint(
    endpointId: string,
    limit: number,
    after?: ScanPosition,
  ): Promise<{ rows: readonly ConnectionRow[]; next?: ScanPosition }>;
  /** One connection of an endpoint by its id; eventually consistent. */
  find(endpointId: string, connectionId: string): Promise<ConnectionRow | undefined>;
  scan(limit: number, after?: ScanPosition): Promise<ReachPage>;
};

/** Who answers `/@connections` for some connections. */
export type Endpoint = {
  readonly endpointId: string;
  readonly kind: "node" | "gateway";
  /** Base URL of its management API. */
  readonly address: string;
  /** Milliseconds since the epoch; a gateway is there for good and has none. */
  readonly leaseUntil?: number;
};

export type EndpointStore = {
  put(endpoint: Endpoint): Promise<void>;
  /** Extends the lease of an endpoint that is still registered; false where it has been swept. */
  renew(endpointId: string, leaseUntil: number): Promise<boolean>;
  /** Consistent. */
  list(): Promise<readonly Endpoint[]>;
  delete(endpointId: string): Promise<void>;
};

/** For some connections of an endpoint: one text, or a `bye` and the end. */
export type Post = { readonly connectionIds: readonly string[] } & (
  | { readonly text: string }
  | { readonly end: ByeReason }
);

/** What open responses at an endpoint must be told (docs/architecture.md, "Entitlement follows the bytes"). */
export type AccountEvent =
  | { readonly kind: "account"; readonly userId: string; readonly plan: PlanName; readonly role: Role }
  | { readonly kind: "session-ended"; readonly userId: string; readonly sessionId: string }
  | PlacesRevoked;

/** Sessions whose place another device has taken, at one version of the user's `streams` row. */
export type PlacesRevoked = {
  readonly kind: "places-revoked";
  readonly userId: string;
  readonly sessionIds: readonly string[];
  readonly version: number;
};

/**
 * A song that is new, another now, or gone. `served`: nodes send other bytes of it, to others, or none any more; functions
 * of before say nothing else, and have no such field.
 */
export type SongEvent = { readonly kind: "song-changed"; readonly songId: string; readonly served?: boolean };

export type NodeEvent = AccountEvent | SongEvent;

/** All that one endpoint is to be told at once, in order. */
export type Parcel = { readonly posts: readonly Post[]; readonly events: readonly NodeEvent[] };

export type Delivered = { readonly gone: readonly string[] };

export type ConnectionsApi = {
  /** One try, bounded in time. @throws whatever the endpoint or the network says, where not all was taken */
  deliver(endpoint: Endpoint, parcel: Parcel): Promise<Delivered>;
};

/** The row of what a user plays, and by which connection it was written. */
type PlaybackRow = { readonly state: PlaybackState; readonly connectionId: string };

export type PlaybackStore = {
  getMany(userIds: readonly string[]): Promise<ReadonlyMap<string, PlaybackState>>;
  /** Writes on condition that the stored version is `state.version - 1` (0: there is no row). False: it was not. */
  take(userId: string, row: PlaybackRow): Promise<boolean>;
};
