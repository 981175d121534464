export type LoaderOptions = {
  /** How long the first key waits for others, in milliseconds. */
  readonly windowMs: number;
  readonly maxKeys: number;
};

type Batch<K, V> = {
  readonly keys: Set<K>;
  readonly answer: Promise<ReadonlyMap<K, V>>;
  start(): void;
};

/**
 * Answers concurrent questions by one read of many keys. A key asked while a read is under way goes to the next
 * one, so an answer is never older than its question.
 */
export function createLoader<K, V>(
  read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
  { windowMs, maxKeys }: LoaderOptions,
): (key: K) => Promise<V | undefined> {
  let batch: Batch<K, V> | undefined;

  const begin = (): Batch<K, V> => {
    const keys = new Set<K>();
    const { promise: answer, resolve, reject } = Promise.withResolvers<ReadonlyMap<K, V>>();
    const start = () => {
      clearTimeout(timer);
      batch = undefined;
      read([...keys]).then(resolve, reject);
    };
    const timer = setTimeout(start, windowMs);
    return { keys, answer, start };
  };

  return async (key) => {
    batch ??= begin();
    const { keys, answer, start } = batch;
    keys.add(key);
    if (keys.size >= maxKeys) start();
    return (await answer).get(key);
  };
}
