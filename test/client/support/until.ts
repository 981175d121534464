import type { Readable } from "../../../client/state/store.ts";

const deadlineMs = 5_000;

/** Resolves with the store's value as soon as it satisfies the condition. @throws after 5 s, with the last value */
export function until<T, U extends T>(store: Readable<T>, condition: (value: T) => value is U): Promise<U>;
export function until<T>(store: Readable<T>, condition: (value: T) => boolean): Promise<T>;
export function until<T>(store: Readable<T>, condition: (value: T) => boolean): Promise<T> {
  return new Promise((resolve, reject) => {
    if (condition(store.get())) return resolve(store.get());
    const timer = setTimeout(() => {
      undo();
      reject(new Error(`Never came true; the last value was ${JSON.stringify(store.get())}`));
    }, deadlineMs);
    const undo = store.subscribe((value) => {
      if (!condition(value)) return;
      clearTimeout(timer);
      undo();
      resolve(value);
    });
  });
}
