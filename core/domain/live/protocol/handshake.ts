import type { SessionIdentity } from "../../accounts/ports.ts";
import { DomainError } from "../../errors.ts";

/** What a client sends with the handshake to say who it is. */
export type HandshakeCredentials = {
  readonly origin: string | undefined;
  /** The access token of the session's cookie. */
  readonly cookie: string | undefined;
  readonly bearer: string | undefined;
  readonly ticket: string | undefined;
};

export type HandshakeDeps = {
  /** @throws DomainError `not-signed-in`, `session-ended` */
  readonly authenticate: (accessToken: string) => Promise<SessionIdentity>;
  /** @throws DomainError `not-signed-in` for a ticket that is unknown, used or old */
  readonly redeemTicket: (ticket: string) => Promise<SessionIdentity>;
  readonly allowedOrigins: readonly string[];
};

/**
 * Authenticates who opens a live connection, before the upgrade. Browsers send the page's `Origin` with every
 * WebSocket: a foreign one is refused whatever comes with it. A cookie counts only beside an allowed one, since
 * browsers send it for any site's page.
 * @throws DomainError `origin-not-allowed`, `not-signed-in`, `session-ended`
 */
export async function authenticateHandshake(
  { authenticate, redeemTicket, allowedOrigins }: HandshakeDeps,
  { origin, cookie, bearer, ticket }: HandshakeCredentials,
): Promise<SessionIdentity> {
  if (origin !== undefined && !allowedOrigins.includes(origin)) throw new DomainError("origin-not-allowed");
  if (ticket !== undefined) return redeemTicket(ticket);
  if (bearer !== undefined) return authenticate(bearer);
  if (cookie === undefined) throw new DomainError("not-signed-in");
  if (origin === undefined)
    throw new DomainError("origin-not-allowed", "With cookies, call from Encore's own pages");
  return authenticate(cookie);
}
