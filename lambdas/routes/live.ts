import * as live from "../../core/contract/live.ts";
import type { Route } from "./route.ts";

export const liveOperations = [
  {
    area: "live",
    operation: "getLiveTransports",
    method: "GET",
    path: "/api/live",
    summary: "The live endpoints' URLs, in the order to try them",
    access: "signed-in",
    success: { status: 200, schema: live.LiveTransports },
  },
  {
    area: "live",
    operation: "createLiveTicket",
    method: "POST",
    path: "/api/live/tickets",
    summary: "A one-time ticket of 30 s for a client that can send neither cookie nor header",
    access: "signed-in",
    success: { status: 201, schema: live.LiveTicket },
  },
] as const satisfies readonly Route[];
