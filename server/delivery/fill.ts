import { setTimeout as pause } from "node:timers/promises";
import { DomainError } from "../../core/domain/errors.ts";
import { fullJitter } from "../../core/domain/shared/jitter.ts";
import type { ObjectReader } from "../../core/domain/shared/object-store.ts";
import { appendChunk, type Block, isComplete } from "./block.ts";

/** How long the store is waited for, and how often it is asked again. */
export type RetryPolicy = {
  /** Longest silence, before the answer as well as in the middle of it (milliseconds). */
  readonly timeoutMs: number;
  /** How often a block is asked for in all, each time from where the body broke. */
  readonly maxAttempts: number;
  /** Doubled with each failure, with full jitter (milliseconds). */
  readonly backoffMs: number;
};

export const retryPolicy: RetryPolicy = { timeoutMs: 5_000, maxAttempts: 6, backoffMs: 50 };

/** The bytes that fill the block: those of one version of an object, from `start` on. */
export type Origin = { readonly key: string; readonly etag: string; readonly start: number };

/**
 * Fills a block, asking again from where a body broke.
 * @throws DomainError `unavailable` after the last try; `not-found` or `precondition-failed` (it is another version by
 * now) at once.
 */
export async function fill(
  block: Block,
  origin: Origin,
  source: ObjectReader,
  policy: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await fillOnce(block, origin, source, policy, signal);
    } catch (error) {
      if (signal.aborted || attempts >= policy.maxAttempts || !mayPass(error)) throw asDomainError(error);
      await pause(
        fullJitter({ baseMs: policy.backoffMs, capMs: Number.POSITIVE_INFINITY }, attempts),
        undefined,
        { signal },
      );
    }
  }
}

/** An error of the connection means that the store is unavailable, whatever its name. */
const asDomainError = (error: unknown): DomainError =>
  error instanceof DomainError ? error : Object.assign(new DomainError("unavailable"), { cause: error });

const mayPass = (error: unknown): boolean => !(error instanceof DomainError) || error.kind === "unavailable";

async function fillOnce(
  block: Block,
  { key, etag, start }: Origin,
  source: ObjectReader,
  { timeoutMs }: RetryPolicy,
  signal: AbortSignal,
): Promise<void> {
  const attempt = new AbortController();
  const stop = () => attempt.abort(signal.reason);
  const stall = setTimeout(
    () => attempt.abort(new DomainError("unavailable", "The store is silent")),
    timeoutMs,
  );
  signal.addEventListener("abort", stop, { once: true });
  try {
    const range = { start: start + block.filled, end: start + block.bytes.length - 1 };
    for await (const chunk of await source.read({ key, etag, ...range, signal: attempt.signal })) {
      stall.refresh();
      appendChunk(block, chunk);
    }
    if (!isComplete(block)) throw new DomainError("unavailable", "The store's answer ended early");
  } finally {
    clearTimeout(stall);
    signal.removeEventListener("abort", stop);
  }
}
