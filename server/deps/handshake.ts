import { gatewayEndpointId } from "../../core/aws/live-config.ts";
import { authenticateSession } from "../../core/domain/accounts/authentication.ts";
import type { SessionStore } from "../../core/domain/accounts/ports.ts";
import { redeemTicket } from "../../core/domain/accounts/tickets.ts";
import { createTokenVerifier, type PublicKeys } from "../../core/domain/accounts/tokens.ts";
import { countElsewhere } from "../../core/domain/live/protocol/connection-limit.ts";
import { systemClock as clock } from "../../core/domain/shared/system-clock.ts";
import type { AppOptions } from "../app.ts";
import type { Stores } from "./stores.ts";

type HandshakeParts = {
  readonly stores: Pick<Stores, "connections" | "sessions" | "tickets">;
  readonly sessionLoader: Pick<SessionStore, "get">;
  readonly publicKeys: PublicKeys;
  /** The id under which this process is registered just now. */
  readonly endpointId: () => string;
  readonly aliveEndpoints: () => Promise<ReadonlySet<string>>;
};

/** Who opens a live connection, and how many connections the user has at other endpoints. */
export function handshakeDeps(parts: HandshakeParts): AppOptions["handshake"] {
  const { sessions, tickets } = parts.stores;
  const tokens = createTokenVerifier(parts.publicKeys, clock);
  return {
    authenticate: (token) => authenticateSession({ tokens, sessions: parts.sessionLoader, clock }, token),
    redeemTicket: (ticket) => redeemTicket({ tickets, sessions, clock }, ticket),
    connectionsElsewhere: (userId) => connectionsElsewhere(parts, userId),
  };
}

/** Connections of a process whose lease has lapsed do not count. */
async function connectionsElsewhere(
  { stores, endpointId, aliveEndpoints }: HandshakeParts,
  userId: string,
): Promise<number> {
  const [found, alive] = await Promise.all([stores.connections.ofUser(userId), aliveEndpoints()]);
  const isServing = (id: string) => id === gatewayEndpointId || alive.has(id);
  return countElsewhere(found.connections, endpointId(), isServing);
}
