/** How often a lost race is run again. */
type CompareAndSetOptions = {
  readonly maxAttempts: number;
  /** Waits after attempt number 1, 2, … was lost: longer each time, and at random. */
  readonly backoff: (attempt: number) => Promise<void>;
};

/**
 * Repeats "read, decide, write on condition" until the write holds.
 * @param attempt one try; undefined where another writer was faster
 * @returns the try's result, or undefined where all `maxAttempts` tries were lost
 */
export async function compareAndSet<T>(
  attempt: () => Promise<T | undefined>,
  { maxAttempts, backoff }: CompareAndSetOptions,
): Promise<T | undefined> {
  for (let count = 1; count <= maxAttempts; count++) {
    const result = await attempt();
    if (result !== undefined) return result;
    await backoff(count);
  }
  return undefined;
}
