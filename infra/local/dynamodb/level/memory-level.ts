import type { Level, Operation, Range } from "./level.ts";

/** What is used of dynalite's database in memory. */
export type MemoryHandle = {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<unknown>;
  getSync(key: string): unknown;
  put(key: string, value: unknown): Promise<void>;
  batch(operations: readonly Operation[]): Promise<void>;
  iterator(range: Range): AsyncIterable<[string, unknown]>;
};

/** A database that ends with its process; it never refuses. */
export function createMemoryLevel(db: MemoryHandle): Level {
  let last: Promise<void> = Promise.resolve();
  return {
    open: () => db.open(),
    close: async () => {
      await last.catch(() => {});
      await db.close();
    },
    get: (key) => db.get(key),
    getSync: (key) => db.getSync(key),
    batch: (operations) => db.batch(operations),
    putLater: (key, value) => {
      last = db.put(key, value);
      last.catch(() => {});
    },
    async *entries(range) {
      yield* db.iterator(range);
    },
    storage: { refusal: () => undefined, outages: () => 0, recovered: async () => {} },
  };
}
