import type { Log } from "../../ports.ts";

/**
 * Waits for all work, at most for `timeoutMs`. Failures are only logged: the next push or the sweep meets the same row
 * again.
 */
export async function waitAtMost(timeoutMs: number, log: Log, work: readonly Promise<void>[]): Promise<void> {
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, timeoutMs);
  await Promise.race([allSettled(log, work), late.promise]);
  clearTimeout(timer);
}

async function allSettled(log: Log, work: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === "rejected") log.warn({ err: result.reason }, "A row could not be cleaned up");
  }
}
