import type { RateLimiter } from "../core/domain/accounts/rate-limiter.ts";
import { createTicket, type TicketDeps } from "../core/domain/accounts/tickets.ts";
import { getLiveTransports, type TransportsConfig } from "../core/domain/live/protocol/transports.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export type LiveDeps = HttpDeps &
  TicketDeps & {
    readonly transports: TransportsConfig;
    /** How many tickets one user may ask for. */
    readonly ticketRate: RateLimiter;
  };

export const createLiveHandler = restHandler<"live", LiveDeps>("live", {
  getLiveTransports,
  createLiveTicket: (deps, actor) => {
    deps.ticketRate.take(actor.userId);
    return createTicket(deps, actor);
  },
});
