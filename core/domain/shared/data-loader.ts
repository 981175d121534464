export type DataLoaderOptions = {
  /** How long the first key waits for others, in milliseconds. */
  readonly windowMs: number;
  readonly maxKeys: number;
  /** Reads under way at a time; keys that come meanwhile gather, so that batches grow with the load. */
  readonly inFlight?: number;
};

type Batch<K, V> = {
  readonly keys: Set<K>;
  readonly answer: PromiseWithResolvers<ReadonlyMap<K, V>>;
  /** It has waited for others, or is full. */
  due: boolean;
};

/**
 * Answers concurrent questions by one read of many keys. A key asked while a read is under way goes to a later one, so an
 * answer is never older than its question.
 */
export function createDataLoader<K, V>(
  read: (keys: readonly K[]) => Promise<ReadonlyMap<K, V>>,
  { windowMs, maxKeys, inFlight = 2 }: DataLoaderOptions,
): (key: K) => Promise<V | undefined> {
  /** In the order they began; only the last may still take keys. */
  const waiting: Batch<K, V>[] = [];
  let running = 0;

  function begin(): Batch<K, V> {
    const batch: Batch<K, V> = { keys: new Set(), answer: Promise.withResolvers(), due: false };
    waiting.push(batch);
    setTimeout(() => isDue(batch), windowMs);
    return batch;
  }

  function isDue(batch: Batch<K, V>): void {
    batch.due = true;
    while (running < inFlight && waiting[0]?.due) run(waiting.shift() as Batch<K, V>);
  }

  function run({ keys, answer }: Batch<K, V>): void {
    running++;
    read([...keys])
      .then(answer.resolve, answer.reject)
      .finally(() => {
        running--;
        if (waiting[0]?.due) isDue(waiting[0]);
      });
  }

  return async (key) => {
    const last = waiting.at(-1);
    const batch = last && last.keys.size < maxKeys ? last : begin();
    batch.keys.add(key);
    if (batch.keys.size >= maxKeys) isDue(batch);
    return (await batch.answer.promise).get(key);
  };
}
