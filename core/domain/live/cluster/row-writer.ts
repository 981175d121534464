import type { ConnectionRow, ConnectionStore, RowKey, RowWrite } from "./ports.ts";

/** Writes connection rows of one process; a promise resolves once its row's state is stored. */
export type RowWriter = {
  put(row: ConnectionRow): Promise<void>;
  delete(key: RowKey): Promise<void>;
  /** Resolves once everything written so far is stored, or has failed. */
  settled(): Promise<void>;
};

type Round = { readonly writes: Map<string, RowWrite>; readonly stored: Promise<void> };

/**
 * Stores many rows by few requests: writes are collected for `windowMs` (milliseconds). Of a row's writes that wait
 * together only the last is made. A round begins when the one before has ended, so that a row's writes never overtake
 * each other.
 */
export function createRowWriter(
  store: Pick<ConnectionStore, "writeMany">,
  { windowMs }: { readonly windowMs: number },
): RowWriter {
  let round: Round | undefined;
  let previous: Promise<void> = Promise.resolve();

  const begin = (): Round => {
    const writes = new Map<string, RowWrite>();
    const collected = new Promise((resolve) => setTimeout(resolve, windowMs));
    const stored = Promise.allSettled([previous, collected]).then(() => {
      round = undefined;
      return store.writeMany([...writes.values()]);
    });
    previous = stored.catch(() => {});
    return { writes, stored };
  };

  const write = (connectionId: string, change: RowWrite): Promise<void> => {
    round ??= begin();
    round.writes.set(connectionId, change);
    return round.stored;
  };

  return {
    put: (row) => write(row.connectionId, { op: "put", row }),
    delete: (key) => write(key.connectionId, { op: "delete", key }),
    settled: () => previous,
  };
}
