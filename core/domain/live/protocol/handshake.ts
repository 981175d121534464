import type { SessionIdentity } from "../../accounts/ports.ts";
import { DomainError } from "../../errors.ts";

/** How a client may say who it is before the upgrade completes. */
export type Credentials = {
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
 * Who opens a live session. Browsers name the page's origin on every WebSocket; a foreign one is refused whatever it
 * brings, and a cookie counts only beside an allowed one, or any site could ride on it.
 * @throws DomainError `origin-not-allowed`, `not-signed-in`, `session-ended`
 */
export async function authenticateHandshake(
  { authenticate, redeemTicket, allowedOrigins }: HandshakeDeps,
  { origin, cookie, bearer, ticket }: Credentials,
): Promise<SessionIdentity> {
  if (origin !== undefined && !allowedOrigins.includes(origin)) throw new DomainError("origin-not-allowed");
  if (ticket !== undefined) return redeemTicket(ticket);
  if (bearer !== undefined) return authenticate(bearer);
  if (cookie === undefined) throw new DomainError("not-signed-in");
  if (origin === undefined)
    throw new DomainError("origin-not-allowed", "With cookies, call from Encore's own pages");
  return authenticate(cookie);
}
