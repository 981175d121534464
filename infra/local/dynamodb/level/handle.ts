import { ClassicLevel } from "classic-level";
import type { StoredWrite } from "./group-commit.ts";
import type { Range } from "./level.ts";

/** What is used of LevelDB; keys and values are text. A handle that was closed can be opened again. */
export type Handle = {
  open(): Promise<void>;
  close(): Promise<void>;
  get(key: string): Promise<string | undefined>;
  getSync(key: string): string | undefined;
  /** Resolves when all of the writes are on the disk. */
  write(writes: readonly StoredWrite[]): Promise<void>;
  iterate(range: Range): EntryIterator;
};

export type Entry = readonly [key: string, stored: string];

type EntryIterator = {
  /** The next entries, at most so many; none at the end. */
  nextv(size: number): Promise<readonly Entry[]>;
  close(): Promise<void>;
};

/**
 * LevelDB would keep 1,000 files open, which is all that many systems allow a process. Most are mapped into memory
 * and take no descriptor.
 */
const maxOpenFiles = 256;

export function createHandle(folder: string): Handle {
  let opened: ClassicLevel<string, string> | undefined;
  const database = () => {
    if (!opened) throw new Error("The database is not open");
    return opened;
  };
  return {
    async open() {
      // One that is made begins to open.
      opened = new ClassicLevel(folder, { keyEncoding: "utf8", valueEncoding: "utf8", maxOpenFiles });
      await opened.open();
    },
    close: async () => opened?.close(),
    get: async (key) => database().get(key),
    getSync: (key) => database().getSync(key),
    write: async (writes) => database().batch(writes.map(toOperation), { sync: true }),
    iterate: (range) => database().iterator(range),
  };
}

const toOperation = ({ key, stored }: StoredWrite) =>
  stored === undefined ? { type: "del" as const, key } : { type: "put" as const, key, value: stored };
