import { DomainError } from "../errors.ts";

/** Runs at most `width` pieces of work at once; `queue` more wait. @throws DomainError `unavailable` beyond that */
export function createGate({ width, queue }: { readonly width: number; readonly queue: number }) {
  const waiting: (() => void)[] = [];
  let running = 0;

  const enter = (): Promise<void> | void => {
    if (running < width) {
      running += 1;
      return;
    }
    if (waiting.length >= queue) throw new DomainError("unavailable", undefined, { retryAfterSeconds: 2 });
    return new Promise((resolve) => waiting.push(resolve));
  };
  /** The place goes to the next in line, or is free. */
  const leave = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };

  return async <T>(work: () => Promise<T>): Promise<T> => {
    await enter();
    try {
      return await work();
    } finally {
      leave();
    }
  };
}
