import { ApiFailure } from "./failure.ts";
import { reconnectDelayMs } from "./live/backoff.ts";

/** No longer than this is waited because a server asks for it (milliseconds): a person may be looking on. */
const maxAskedMs = 30_000;

/** Whether a server answered, but can do nothing just now: 429, 502, 503, 504. */
export const isBusy = (error: unknown): error is ApiFailure =>
  error instanceof ApiFailure && (error.kind === "unavailable" || error.kind === "too-many-requests");

/** How long the server asked to be left alone (milliseconds), within reason. */
export const askedMs = (error: unknown): number =>
  error instanceof ApiFailure ? Math.min((error.retryAfterSeconds ?? 0) * 1000, maxAskedMs) : 0;

/**
 * How long to wait before the next try (milliseconds).
 *
 * @param failures how many tries have failed in a row
 * @param random uniform in [0, 1)
 */
export const retryDelayMs = (error: unknown, failures: number, random: () => number): number =>
  askedMs(error) + reconnectDelayMs(failures, random);
