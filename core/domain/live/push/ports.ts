import type { PlanName, Role } from "../../../contract/accounts.ts";
import type { ByeReason } from "../../../contract/live.ts";
import type { Endpoint } from "../cluster/ports.ts";

/** For some connections of an endpoint: one text to send, or a reason to say `bye` and close. */
export type ConnectionCommand = { readonly connectionIds: readonly string[] } & (
  | { readonly text: string }
  | { readonly end: ByeReason }
);

/** What a node must know of users who stream there (docs/architecture.md, "Entitlement follows the bytes"). */
export type AccountEvent =
  | { readonly kind: "account"; readonly userId: string; readonly plan: PlanName; readonly role: Role }
  | { readonly kind: "session-ended"; readonly userId: string; readonly sessionId: string }
  | SlotsRevoked;

/**
 * Sessions whose slot another device has taken, at one version of the user's `streams` row. `kind` keeps its word on the
 * wire, which functions and nodes of before know.
 */
export type SlotsRevoked = {
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

/** All that one endpoint gets at once, in order: commands for connections, and events for the node itself. */
export type PushBatch = {
  readonly posts: readonly ConnectionCommand[];
  readonly events: readonly NodeEvent[];
};

/** `gone`: ids of connections that the endpoint does not hold. */
export type DeliveryResult = { readonly gone: readonly string[] };

/** `/@connections` of nodes and of API Gateway. */
export type ConnectionsApi = {
  /** One attempt, bounded in time. @throws what the endpoint or the network says, where not all was taken */
  deliver(endpoint: Endpoint, batch: PushBatch): Promise<DeliveryResult>;
};
