/** The ceiling of a wait, in milliseconds: `baseMs` doubled with each failure, up to `capMs`. */
export type Backoff = { readonly baseMs: number; readonly capMs: number };

/**
 * Full jitter: a wait of anything from nothing to a ceiling that doubles with each failure, so that many who failed
 * together do not try again together.
 *
 * @param failures how many tries have failed in a row
 * @param random uniform in [0, 1)
 * @returns milliseconds
 */
export const fullJitter = (
  { baseMs, capMs }: Backoff,
  failures: number,
  random: () => number = Math.random,
): number => random() * Math.min(capMs, baseMs * 2 ** failures);
