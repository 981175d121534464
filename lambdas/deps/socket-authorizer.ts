import { createSessionStore } from "../../core/aws/session-store.ts";
import { createTicketStore } from "../../core/aws/ticket-store.ts";
import { authenticateSession } from "../../core/domain/accounts/authentication.ts";
import { readPublicKeys, readWebConfig } from "../../core/domain/accounts/config.ts";
import { redeemTicket } from "../../core/domain/accounts/tickets.ts";
import { createTokenVerifier } from "../../core/domain/accounts/tokens.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { SocketAuthorizerDeps } from "../websocket/socket-authorizer.ts";
import { jsonLog } from "./json-log.ts";
import { databaseFor } from "./stores.ts";

export function socketAuthorizerDeps(env: Environment): SocketAuthorizerDeps {
  const database = databaseFor(env);
  const deps = {
    tokens: createTokenVerifier(readPublicKeys(env), systemClock),
    sessions: createSessionStore(database),
    tickets: createTicketStore(database),
    clock: systemClock,
  };
  return {
    ...readWebConfig(env),
    authenticate: (accessToken) => authenticateSession(deps, accessToken),
    redeemTicket: (ticket) => redeemTicket(deps, ticket),
    log: jsonLog,
  };
}
