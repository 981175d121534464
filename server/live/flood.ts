import type { ClientConnection } from "./client-connection.ts";

export type FloodLimits = {
  /** A client may send so many frames at once, */
  readonly burst: number;
  /** and so many a second in the long run. */
  readonly framesPerSecond: number;
};

export const floodLimits: FloodLimits = { burst: 40, framesPerSecond: 10 };

/** Takes one token of the connection's bucket; false where it is empty. @param now `performance.now()` */
export function spendToken(
  connection: ClientConnection,
  now: number,
  { burst, framesPerSecond }: FloodLimits,
): boolean {
  const refill = ((now - connection.refilledAt) / 1000) * framesPerSecond;
  connection.tokens = Math.min(burst, connection.tokens + refill);
  connection.refilledAt = now;
  if (connection.tokens < 1) return false;
  connection.tokens--;
  return true;
}
