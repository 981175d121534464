import type { ClientClock } from "../../../client/clock.ts";
import { type ChangeQueue, createChangeQueue, type KeyStorage } from "../../../client/state/change-queue.ts";
import { createFakeClock } from "./fake-clock.ts";

/** `localStorage` of one browser: what a tab writes, its other tabs are told a moment later. */
export function createTestStorage(clock: ClientClock = createFakeClock()) {
  const values = new Map<string, string>();
  const listeners = new Map<object, (key: string | null) => void>();
  let isFull = false;

  function tell(writer: object, key: string | null): void {
    for (const [tab, listener] of listeners) if (tab !== writer) queueMicrotask(() => listener(key));
  }

  /** The storage as one tab has it. */
  function openTab(userId = "u1"): ChangeQueue {
    const tab = {};
    const storage = storageOver(
      values,
      () => isFull,
      (key) => tell(tab, key),
    );
    const onStorage = (listener: (key: string | null) => void) => {
      listeners.set(tab, listener);
      return () => void listeners.delete(tab);
    };
    return createChangeQueue({ userId, storage, onStorage, clock });
  }

  return {
    values,
    openTab,
    fill: (full: boolean) => {
      isFull = full;
    },
    /** The user clears all of the site's data. */
    clear() {
      values.clear();
      tell({}, null);
    },
  };
}

/** `localStorage` of a browser with one page. */
export function createKeyStorage(values = new Map<string, string>()) {
  let isFull = false;
  const storage = storageOver(values, () => isFull);
  return Object.assign(storage, { values, fill: () => (isFull = true) });
}

/** @param changed told of each key that was written or removed */
const storageOver = (
  values: Map<string, string>,
  isFull: () => boolean,
  changed: (key: string) => void = () => {},
): KeyStorage => ({
  get length() {
    return values.size;
  },
  key: (index) => [...values.keys()][index] ?? null,
  getItem: (key) => values.get(key) ?? null,
  setItem(key, value) {
    if (isFull()) throw new DOMException("Full", "QuotaExceededError");
    values.set(key, value);
    changed(key);
  },
  removeItem(key) {
    if (values.delete(key)) changed(key);
  },
});
