/** Runs at most `width` pieces of work at once; the others wait, in the order in which they came. */
export function createSemaphore(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = [];
  let running = 0;

  const acquire = (): Promise<void> | void => {
    if (running === width) return new Promise((resolve) => waiting.push(resolve));
    running += 1;
  };
  /** The next in line takes over, or one fewer runs. */
  const release = (): void => {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  };
  return async (work) => {
    await acquire();
    try {
      return await work();
    } finally {
      release();
    }
  };
}
