import type { Session } from "./session.ts";

export type FloodLimits = {
  /** A client may send so many frames at once, */
  readonly burst: number;
  /** and so many a second in the long run. */
  readonly framesPerSecond: number;
};

export const floodLimits: FloodLimits = { burst: 40, framesPerSecond: 10 };

/** Takes one token of the session's bucket; false where it is empty. @param now `performance.now()` */
export function spendToken(session: Session, now: number, { burst, framesPerSecond }: FloodLimits): boolean {
  const refill = ((now - session.refilledAt) / 1000) * framesPerSecond;
  session.tokens = Math.min(burst, session.tokens + refill);
  session.refilledAt = now;
  if (session.tokens < 1) return false;
  session.tokens--;
  return true;
}
