/** Does the work for each item, so many at a time. Fails with the first that fails, when those under way have ended. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = items[Symbol.iterator]();
  let failed = false;
  const next = async (): Promise<void> => {
    for (let item = left.next(); !item.done && !failed; item = left.next()) {
      await work(item.value).catch((error: unknown) => {
        failed = true;
        throw error;
      });
    }
  };
  const results = await Promise.allSettled(Array.from({ length: atOnce }, next));
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
