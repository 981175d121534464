import { setTimeout as pause } from "node:timers/promises";
import { DomainError } from "../../core/domain/errors.ts";
import { fullJitter } from "../../core/domain/jitter.ts";
import type { ObjectReader } from "../../core/domain/streaming/ports.ts";
import { append, type Block, isComplete } from "./block.ts";

/** How much patience there is with the store. */
export type FillPolicy = {
  /** Longest silence, before the answer as well as in the middle of it. */
  readonly stallMilliseconds: number;
  /** Times a block is asked for in all, each time from where the body broke. */
  readonly tries: number;
  /** Doubled with each failure, with full jitter. */
  readonly backoffMilliseconds: number;
};

export const patience: FillPolicy = { stallMilliseconds: 5_000, tries: 6, backoffMilliseconds: 50 };

/** Which bytes fill the block: those of one version of an object, from `start` on. */
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
  policy: FillPolicy,
  signal: AbortSignal,
): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fillOnce(block, origin, source, policy, signal);
    } catch (error) {
      if (signal.aborted || tries >= policy.tries || !mayPass(error)) throw asDomainError(error);
      await pause(
        fullJitter({ baseMs: policy.backoffMilliseconds, capMs: Number.POSITIVE_INFINITY }, tries),
        undefined,
        { signal },
      );
    }
  }
}

/** What a connection throws is the store's trouble, whatever it is called. */
const asDomainError = (error: unknown): DomainError =>
  error instanceof DomainError ? error : Object.assign(new DomainError("unavailable"), { cause: error });

const mayPass = (error: unknown): boolean => !(error instanceof DomainError) || error.kind === "unavailable";

async function fillOnce(
  block: Block,
  { key, etag, start }: Origin,
  source: ObjectReader,
  { stallMilliseconds }: FillPolicy,
  signal: AbortSignal,
): Promise<void> {
  const attempt = new AbortController();
  const stop = () => attempt.abort(signal.reason);
  const stall = setTimeout(
    () => attempt.abort(new DomainError("unavailable", "The store is silent")),
    stallMilliseconds,
  );
  signal.addEventListener("abort", stop, { once: true });
  try {
    const range = { start: start + block.filled, end: start + block.bytes.length - 1 };
    for await (const chunk of await source.read({ key, etag, ...range, signal: attempt.signal })) {
      stall.refresh();
      append(block, chunk);
    }
    if (!isComplete(block)) throw new DomainError("unavailable", "The store's answer ended early");
  } finally {
    clearTimeout(stall);
    signal.removeEventListener("abort", stop);
  }
}
