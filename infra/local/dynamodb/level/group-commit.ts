/** One change to a key, with what is stored; undefined removes the key. */
export type StoredWrite = { readonly key: string; readonly stored: string | undefined };

type Waiting = PromiseWithResolvers<void> & { readonly writes: readonly StoredWrite[] };

export type GroupCommit = {
  /** Resolves when the writes are on the disk, all or none of them. Batches are written in the order they came in. */
  commit(writes: readonly StoredWrite[]): Promise<void>;
  /** Leaves a write to the next group, at the latest a second later. For what can be derived anew. */
  commitLater(write: StoredWrite): void;
  /** Writes what was left to the next group, and resolves when nothing is under way; never rejects. */
  flush(): Promise<void>;
};

/** As LevelDB's own write buffer. */
const maxGroupLength = 4 * 1024 * 1024;
const laterMs = 1_000;

/**
 * Batches that come while a write is under way become one write after it: one forced write to the disk serves all
 * of them, so that their rate does not end at the disk's.
 */
export function createGroupCommit(write: (writes: readonly StoredWrite[]) => Promise<void>): GroupCommit {
  const waiting: Waiting[] = [];
  const later = new Map<string, StoredWrite>();
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;

  function takeLater(): StoredWrite[] {
    clearTimeout(timer);
    timer = undefined;
    const writes = [...later.values()];
    later.clear();
    return writes;
  }

  /** What came meanwhile is newer. */
  function putBack(writes: readonly StoredWrite[]): void {
    for (const write of writes) if (!later.has(write.key)) later.set(write.key, write);
  }

  async function writeGroup(): Promise<void> {
    const group = takeGroup(waiting);
    const derived = takeLater();
    try {
      await write([...derived, ...group.flatMap(({ writes }) => writes)]);
      for (const { resolve } of group) resolve();
    } catch (error) {
      putBack(derived);
      for (const { reject } of group) reject(error);
    }
  }

  async function run(): Promise<void> {
    while (waiting.length > 0) await writeGroup();
    running = undefined;
  }

  function commit(writes: readonly StoredWrite[]): Promise<void> {
    const entry = { ...Promise.withResolvers<void>(), writes };
    waiting.push(entry);
    running ??= run();
    return entry.promise;
  }

  const flushLater = () => (later.size > 0 ? commit([]).catch(() => {}) : undefined);
  return {
    commit,
    commitLater(write) {
      later.set(write.key, write);
      timer ??= setTimeout(() => {
        timer = undefined;
        flushLater();
      }, laterMs).unref();
    },
    async flush() {
      await flushLater();
      await running;
      clearTimeout(timer);
    },
  };
}

function takeGroup(waiting: Waiting[]): Waiting[] {
  let length = 0;
  const end = waiting.findIndex(({ writes }) => {
    length += writes.reduce((sum, { key, stored = "" }) => sum + key.length + stored.length, 0);
    return length > maxGroupLength;
  });
  return waiting.splice(0, end === -1 ? waiting.length : Math.max(end, 1));
}
