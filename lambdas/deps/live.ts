import { createTicketStore } from "../../core/aws/ticket-store.ts";
import { readThrottleLimits } from "../../core/domain/accounts/config.ts";
import { createRateLimiter } from "../../core/domain/accounts/rate-limiter.ts";
import { readTransports } from "../../core/domain/live/protocol/transports.ts";
import type { Environment } from "../../core/domain/ports.ts";
import { systemClock } from "../../core/domain/shared/system-clock.ts";
import type { HttpDeps } from "../http/handler.ts";
import type { LiveDeps } from "../live.ts";
import { elapsedMs } from "./elapsed.ts";
import { httpDeps } from "./http.ts";
import { databaseFor } from "./stores.ts";

export function liveDeps(env: Environment): HttpDeps & LiveDeps {
  const database = databaseFor(env);
  return {
    ...httpDeps(env, database),
    tickets: createTicketStore(database),
    ticketRate: createRateLimiter(readThrottleLimits(env).tickets, elapsedMs),
    transports: readTransports(env),
    clock: systemClock,
  };
}
