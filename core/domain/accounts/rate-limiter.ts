import { DomainError } from "../errors.ts";
import type { ElapsedMs } from "../ports.ts";
import type { Rate } from "./throttle-limits.ts";

/** Counts in this process alone: what many processes let through together is as many times more. */
export type RateLimiter = {
  /** Takes one of what a key may have. @throws DomainError `too-many-requests` */
  take(key: string): void;
};

/** As of `at` (by `elapsedMs`), so many were left. */
type Bucket = { readonly left: number; readonly at: number };

/** Of more keys than this those that were not heard of for longest are forgotten, and begin anew. */
const maxKeys = 10_000;

/** A token bucket for each key: `burst` at once, `perSecond` in the long run. */
export function createRateLimiter({ perSecond, burst }: Rate, elapsedMs: ElapsedMs): RateLimiter {
  const buckets = new Map<string, Bucket>();
  const most = Math.max(1, burst);

  const leftOf = (key: string, now: number): number => {
    const bucket = buckets.get(key);
    return bucket ? Math.min(most, bucket.left + ((now - bucket.at) / 1000) * perSecond) : most;
  };
  const keep = (key: string, bucket: Bucket): void => {
    buckets.delete(key);
    buckets.set(key, bucket);
    const [oldest] = buckets.keys();
    if (buckets.size > maxKeys && oldest !== undefined) buckets.delete(oldest);
  };

  return {
    take(key) {
      const now = elapsedMs();
      const left = leftOf(key, now);
      keep(key, { left: left >= 1 ? left - 1 : left, at: now });
      if (left >= 1) return;
      const retryAfterSeconds = Math.ceil((1 - left) / perSecond);
      throw new DomainError("too-many-requests", `Too many requests; try again in ${retryAfterSeconds} s`, {
        retryAfterSeconds,
      });
    },
  };
}
