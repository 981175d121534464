import { DomainError } from "../errors.ts";
import type { Clock } from "../ports.ts";
import { lifetimes, toSeconds } from "./lifetimes.ts";
import type { SessionIdentity, SessionStore, TicketStore } from "./ports.ts";
import { hashSecret, newSecret } from "./refresh-token.ts";
import { sessionOf } from "./sessions.ts";

export type TicketDeps = { readonly tickets: TicketStore; readonly clock: Clock };

/** A one-time ticket in a session's name, for a client that can send neither cookie nor header. */
export async function createTicket(
  { tickets, clock }: TicketDeps,
  { userId, sessionId, email }: SessionIdentity,
): Promise<{ ticket: string; expiresInSeconds: number }> {
  const ticket = newSecret();
  const expiresAt = toSeconds(clock.now()) + lifetimes.ticket;
  await tickets.create(hashSecret(ticket), { userId, sessionId, email }, expiresAt);
  return { ticket, expiresInSeconds: lifetimes.ticket };
}

/** Whom a ticket admits; it admits once. @throws DomainError `not-signed-in`, `session-ended` */
export async function redeemTicket(
  deps: TicketDeps & { readonly sessions: Pick<SessionStore, "get"> },
  ticket: string,
): Promise<SessionIdentity> {
  const identity = await deps.tickets.take(hashSecret(ticket), toSeconds(deps.clock.now()));
  if (!identity) throw new DomainError("not-signed-in", "The ticket is used, expired or unknown");
  await sessionOf(deps, identity);
  return identity;
}
