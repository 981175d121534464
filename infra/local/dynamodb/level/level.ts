export type Operation =
  | { readonly type: "put"; readonly key: string; readonly value: unknown }
  | { readonly type: "del"; readonly key: string };

export type Range = {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly limit?: number;
};

/** The database behind the tables; values are JSON. */
export type Level = {
  /** @throws TablesError */
  open(): Promise<void>;
  close(): Promise<void>;
  /** @throws StorageUnavailable, DamagedValueError; so do all that read */
  get(key: string): Promise<unknown>;
  getSync(key: string): unknown;
  /**
   * Resolves when all of the operations are on the disk. Batches are written in the order they came in.
   * @throws StorageUnavailable; whether the batch was written is known once `storage.recovered` resolves
   */
  batch(operations: readonly Operation[]): Promise<void>;
  /** Leaves a write to the next batch, at the latest a second later. For what can be derived anew. */
  putLater(key: string, value: unknown): void;
  /** In the order of the keys. */
  entries(range: Range): AsyncGenerator<[key: string, value: unknown]>;
  readonly storage: Storage;
};

/** Whether writes are taken. */
export type Storage = {
  /** Why writes are refused, for people; undefined while they are taken. */
  refusal(): string | undefined;
  /** How many times they have come to be refused since the start. */
  outages(): number;
  /** Resolves when they are taken again, at once when they are taken, and when the database closes. */
  recovered(): Promise<void>;
};
