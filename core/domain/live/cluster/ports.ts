import type { StreamSlot } from "../../entitlement/slots-row.ts";
import type { DeviceLabel, LiveConnection } from "../protocol/ports.ts";

/** One row of `connection` of kind `live`. `device` is there from `hello` on. */
export type ConnectionRow = LiveConnection & {
  readonly device?: DeviceLabel;
  /** Another value at each write, so that a row can be deleted on condition that nobody wrote it since. */
  readonly stamp: string;
  /** Seconds since the epoch; for endpoints without a lease of their own. */
  readonly ttl?: number;
};

/** A user's live connections, and the slots at which the user's sessions stream, by session. */
export type UserConnections = {
  readonly connections: readonly ConnectionRow[];
  readonly slots: ReadonlyMap<string, StreamSlot>;
};

export type RowKey = Pick<LiveConnection, "userId" | "connectionId">;
export type RowWrite =
  | { readonly op: "put"; readonly row: ConnectionRow }
  | { readonly op: "delete"; readonly key: RowKey };

/** One page of a scan: the connections and slots of several users. */
export type UserConnectionsPage = {
  readonly users: ReadonlyMap<string, UserConnections>;
  readonly next?: ScanPosition;
};
/** Where a scan ended: the last key read. */
export type ScanPosition = { readonly userId: string; readonly connectionId: string };

export type ConnectionStore = {
  /** Many unconditional writes at once; keys differ. */
  writeMany(writes: readonly RowWrite[]): Promise<void>;
  get(key: RowKey): Promise<ConnectionRow | undefined>;
  /** Consistent: a row written before the call is seen. */
  ofUser(userId: string): Promise<UserConnections>;
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
  scan(limit: number, after?: ScanPosition): Promise<UserConnectionsPage>;
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
