import { Value } from "typebox/value";
import type { ClientClock } from "../clock.ts";
import { Pending } from "./changes.ts";
import { createStore, type Readable } from "./store.ts";

/** The changes of one user in this browser that are not known to be committed, in the order they were made. */
export type ChangeQueue = {
  readonly pending: Readable<readonly Pending[]>;
  add(change: Pending): void;
  /** Writes a change anew that is there; one that is gone stays gone. */
  replace(change: Pending): void;
  remove(changeId: string): void;
  /** Whether it outlives this page and other tabs see it; false where it could not be stored. */
  isKept(changeId: string): boolean;
  close(): void;
};

/** What the queue needs of `localStorage`. */
export type KeyStorage = Pick<Storage, "getItem" | "setItem" | "removeItem" | "key" | "length">;

/** A place that refuses everything: the queue then lives as long as the page. */
export const nowhere: KeyStorage = {
  length: 0,
  key: () => null,
  getItem: () => null,
  setItem: () => {
    throw new Error("There is no storage");
  },
  removeItem: () => {},
};

/**
 * What another tab removed shows for a moment yet (milliseconds): how it ended is told by another way, and until that
 * is known here, the song would look as it did before the change.
 */
const lingersMs = 1_000;

/**
 * Keeps each change under a key of its own, so that tabs that write at the same time overwrite nothing of each other.
 * What cannot be stored (storage is full or forbidden) lasts as long as the page. What cannot be read is passed over.
 *
 * @param onStorage tells which key another tab wrote; null: all were cleared. Returns the undo.
 */
export function createChangeQueue(deps: {
  userId: string;
  storage: KeyStorage;
  onStorage: (listener: (key: string | null) => void) => () => void;
  clock: ClientClock;
}): ChangeQueue {
  const { storage } = deps;
  const prefix = `encore.change.${deps.userId}.`;
  const changes = new Map<string, Pending>();
  const kept = new Set<string>();
  /** Removed by another tab; with the way to call their end here off. */
  const gone = new Map<string, () => void>();
  const pending = createStore<readonly Pending[]>([]);

  const show = () => pending.set([...changes.values()].sort(byId));

  function read(changeId: string): void {
    const change = parse(attempt(() => storage.getItem(prefix + changeId)));
    if (change?.changeId === changeId) {
      changes.set(changeId, change);
      kept.add(changeId);
    } else if (kept.has(changeId) && !gone.has(changeId))
      gone.set(
        changeId,
        deps.clock.after(lingersMs, () => drop(changeId)),
      );
  }

  function drop(changeId: string): void {
    gone.get(changeId)?.();
    gone.delete(changeId);
    kept.delete(changeId);
    if (changes.delete(changeId)) show();
  }

  function readAll(): void {
    for (const changeId of new Set([...kept, ...storedIds(storage, prefix)])) read(changeId);
    show();
  }

  function write(change: Pending): void {
    changes.set(change.changeId, change);
    attempt(() => {
      storage.setItem(prefix + change.changeId, JSON.stringify(change));
      kept.add(change.changeId);
    });
    show();
  }

  const stopListening = deps.onStorage((key) => {
    if (key === null) return readAll();
    if (!key.startsWith(prefix)) return;
    read(key.slice(prefix.length));
    show();
  });
  readAll();

  return {
    pending,
    add: write,
    replace: (change) => {
      if (changes.has(change.changeId) && !gone.has(change.changeId)) write(change);
    },
    remove(changeId) {
      attempt(() => storage.removeItem(prefix + changeId));
      drop(changeId);
    },
    isKept: (changeId) => kept.has(changeId),
    close() {
      stopListening();
      for (const cancel of gone.values()) cancel();
    },
  };
}

const storedIds = (storage: KeyStorage, prefix: string): string[] =>
  attempt(() =>
    Array.from({ length: storage.length }, (_, index) => storage.key(index) ?? "")
      .filter((key) => key.startsWith(prefix))
      .map((key) => key.slice(prefix.length)),
  ) ?? [];

/** What an older version, another hand or a full disk left there counts only if it is a change. */
function parse(text: string | null | undefined): Pending | undefined {
  const change: unknown = text ? attempt(() => JSON.parse(text)) : undefined;
  return Value.Check(Pending, change) ? change : undefined;
}

/** Storage throws where it is full or switched off. */
function attempt<T>(use: () => T): T | undefined {
  try {
    return use();
  } catch {
    return undefined;
  }
}

const byId = (a: Pending, b: Pending): number => (a.changeId < b.changeId ? -1 : 1);
