import { setTimeout as wait } from "node:timers/promises";
import { syncFolder } from "../../disk.ts";
import { finishRepair } from "../repair-tables.ts";
import { createFolderSync, makeSyncedFolder, probeFolder } from "./disk.ts";
import { decodeValue, encodeValue } from "./envelope.ts";
import { DamagedTablesError, reasonOf, StorageUnavailable, TablesError } from "./errors.ts";
import { findFileFaults } from "./files.ts";
import { createGroupCommit, type StoredWrite } from "./group-commit.ts";
import { createHandle, type Handle } from "./handle.ts";
import type { Level, Operation, Range } from "./level.ts";
import { createRecentWrites } from "./recent-writes.ts";

export type DiskLevelOptions = {
  /** Told, in a line, when writes begin to be refused and when they are taken again. Default: the standard error. */
  readonly report?: (line: string) => void;
  /** How often it is tried whether the disk can be written again, in milliseconds. */
  readonly probeMs?: number;
  /** For tests of faults. */
  readonly create?: (folder: string) => Handle;
};

/** Between tries when the disk fails again right after it was well, in milliseconds. */
const maxProbeMs = 5_000;
const pageSize = 100;
/** Written to see that LevelDB takes writes again. */
const checkKey = "storage-checked";

/**
 * A LevelDB in a folder whose acknowledged writes are on the disk. After a write that failed, LevelDB must not be used
 * on: it would write behind the torn record, and drop all of that at its next start. So at the first failure writes
 * are refused; what was acknowledged can still be read. When the disk takes some MiB again, LevelDB is closed, its
 * files are verified, it is opened anew and compared with what was acknowledged last, and writes are taken again.
 */
export function createDiskLevel(folder: string, options: DiskLevelOptions = {}): Level {
  const { report = toStandardError, probeMs = 1_000, create = createHandle } = options;
  const handle = create(folder);
  const recent = createRecentWrites();
  const syncFolderIfChanged = createFolderSync(folder);
  const closing = new AbortController();
  const state: State = { isOpen: false, refusal: undefined, outages: 0, relapses: 0, recovered: undefined };
  const { commit, commitLater, flush } = createGroupCommit(writeGroup);

  async function writeGroup(writes: readonly StoredWrite[]): Promise<void> {
    assertAccepting(state);
    try {
      await handle.write(writes);
      await syncFolderIfChanged();
    } catch (error) {
      refuse(error, writes);
      throw new StorageUnavailable(reasonOf(error));
    }
    state.relapses = 0;
    recent.note(writes);
  }

  function refuse(error: unknown, failed: readonly StoredWrite[]): void {
    state.refusal = reasonOf(error);
    state.outages += 1;
    report(`The tables in ${folder} refuse writes: ${state.refusal}. They are tried again until they heal.`);
    state.recovered = recover(failed);
  }

  async function recover(failed: readonly StoredWrite[]): Promise<void> {
    while (!closing.signal.aborted) {
      await wait(Math.min(probeMs * 2 ** state.relapses, maxProbeMs), undefined, {
        signal: closing.signal,
      }).catch(() => {});
      if (closing.signal.aborted) return;
      try {
        await probeFolder(folder);
        await reopen(failed);
      } catch (error) {
        tellAgain(reasonOf(error));
        continue;
      }
      state.refusal = undefined;
      report(`The tables in ${folder} take writes again; what was acknowledged is there.`);
      return;
    }
  }

  function tellAgain(reason: string): void {
    if (reason !== state.refusal) report(`The tables in ${folder} still refuse writes: ${reason}.`);
    state.refusal = reason;
  }

  async function reopen(failed: readonly StoredWrite[]): Promise<void> {
    state.isOpen = false;
    // The next try comes later if this one fails.
    state.relapses += 1;
    await handle.close();
    await openVerified();
    await recent.verify(handle.get, failed);
    state.isOpen = true;
    await handle.write([{ key: checkKey, stored: encodeValue(checkKey, Date.now()) }]);
  }

  async function openVerified(): Promise<void> {
    const faults = await findFileFaults(folder);
    if (faults.length > 0) throw new DamagedTablesError(faults);
    await handle.open();
    await syncFolder(folder);
  }

  const reading = <T>(run: () => T): T => {
    if (!state.isOpen) throw new StorageUnavailable(state.refusal ?? "they are not open");
    return run();
  };
  /** A reopening ends what is being read. */
  const asReadError = (error: unknown) =>
    state.isOpen && state.refusal === undefined ? error : new StorageUnavailable(reasonOf(error));

  async function* entries(range: Range): AsyncGenerator<[string, unknown]> {
    const iterator = reading(() => handle.iterate(range));
    try {
      for (let page = await iterator.nextv(pageSize); page.length > 0; page = await iterator.nextv(pageSize))
        for (const [key, stored] of page) yield [key, decodeValue(key, stored)];
    } catch (error) {
      throw asReadError(error);
    } finally {
      await iterator.close();
    }
  }
  const decode = (key: string, stored: string | undefined) =>
    stored === undefined ? undefined : decodeValue(key, stored);
  const encode = (operation: Operation): StoredWrite => ({
    key: operation.key,
    stored: operation.type === "put" ? encodeValue(operation.key, operation.value) : undefined,
  });

  return {
    async open() {
      try {
        await finishRepair(folder);
        await makeSyncedFolder(folder);
        await openVerified();
      } catch (error) {
        if (error instanceof TablesError) throw error;
        throw new TablesError(`The tables in ${folder} cannot be opened: ${reasonOf(error)}`, {
          cause: error,
        });
      }
      state.isOpen = true;
    },
    async close() {
      if (state.refusal === undefined) await flush();
      closing.abort();
      await state.recovered;
      state.isOpen = false;
      await handle.close();
    },
    async get(key) {
      try {
        return decode(key, await reading(() => handle.get(key)));
      } catch (error) {
        throw asReadError(error);
      }
    },
    getSync: (key) =>
      decode(
        key,
        reading(() => handle.getSync(key)),
      ),
    async batch(operations) {
      assertAccepting(state);
      await commit(operations.map(encode));
    },
    putLater: (key, value) => commitLater(encode({ type: "put", key, value })),
    entries,
    storage: {
      refusal: () => state.refusal,
      outages: () => state.outages,
      recovered: async () => state.recovered,
    },
  };
}

const toStandardError = (line: string): void => void process.stderr.write(`${line}\n`);

type State = {
  isOpen: boolean;
  refusal: string | undefined;
  outages: number;
  /** How often the disk failed since a write last went well. */
  relapses: number;
  recovered: Promise<void> | undefined;
};

/** @throws StorageUnavailable */
function assertAccepting({ isOpen, refusal }: State): void {
  if (refusal !== undefined) throw new StorageUnavailable(refusal);
  if (!isOpen) throw new StorageUnavailable("they are not open");
}
