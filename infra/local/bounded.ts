import { LRUCache } from "lru-cache";

/** Limits of work and memory that the engine's parts share. */

/**
 * Runs a task for each item, at most so many at once, since each may hold a file open. Rejects with the first that fails,
 * when those under way have ended; no other is begun then.
 */
export async function forEachBounded<T>(
  items: Iterable<T>,
  atOnce: number,
  task: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const errors: unknown[] = [];
  const worker = async () => {
    for (let next = iterator.next(); !next.done && errors.length === 0; next = iterator.next())
      await task(next.value).catch((error: unknown) => errors.push(error));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  if (errors.length > 0) throw errors[0];
}

/** Runs tasks of one key one after the other, tasks of different keys at once. */
export function createKeyedQueue(): <T>(key: string, task: () => Promise<T>) => Promise<T> {
  const last = new Map<string, Promise<unknown>>();
  return (key, task) => {
    const result = (last.get(key) ?? Promise.resolve()).then(task);
    const settled = result.then(
      () => {},
      () => {},
    );
    last.set(key, settled);
    settled.then(() => {
      if (last.get(key) === settled) last.delete(key);
    });
    return result;
  };
}

const rememberedReports = 10_000;

/** @returns whether it is the first time for this name; after very many names the oldest count as new again */
export function createOnce(): (name: string) => boolean {
  const seen = new LRUCache<string, true>({ max: rememberedReports });
  return (name) => {
    const isFirst = seen.get(name) === undefined;
    seen.set(name, true);
    return isFirst;
  };
}
