import { createTicket, type TicketDeps } from "../core/domain/accounts/tickets.ts";
import { type DoorsConfig, getLiveDoors } from "../core/domain/live/doors.ts";
import { liveDeps, onFirstCall } from "./deps.ts";
import { type HttpDeps, restHandler } from "./http/handler.ts";

export type LiveDeps = HttpDeps & TicketDeps & { readonly doors: DoorsConfig };

export const createLiveHandler = restHandler<"live", LiveDeps>("live", {
  getLiveDoors,
  createLiveTicket: createTicket,
});

export const handler = onFirstCall(createLiveHandler, liveDeps);
