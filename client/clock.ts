/** Time as the client measures it, so that tests can turn the hands. */
export type ClientClock = {
  /** Milliseconds since some moment; they go on evenly, whatever the device's clock is set to. */
  now(): number;
  /** Runs `then` once after `ms`; returns how to call it off. */
  after(ms: number, then: () => void): () => void;
};

export const browserClock: ClientClock = {
  now: () => performance.now(),
  after(ms, then) {
    const timer = setTimeout(then, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * Aborts after `ms`.
 *
 * @returns its signal, and how to call it off
 */
export function deadline(clock: ClientClock, ms: number): { readonly signal: AbortSignal; cancel(): void } {
  const late = new AbortController();
  return { signal: late.signal, cancel: clock.after(ms, () => late.abort()) };
}

/** Waits `ms`, or less when the signal aborts first. */
export const pause = (clock: ClientClock, ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const cancel = clock.after(ms, done);
    signal.addEventListener("abort", done, { once: true });
    function done() {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    }
  });
