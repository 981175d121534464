/** A value that changes, and tells when it does. */
export type Readable<T> = {
  get(): T;
  /** Calls the listener after each change; returns the undo. */
  subscribe(listener: (value: T) => void): () => void;
};

export type Store<T> = Readable<T> & {
  set(value: T): void;
  update(change: (value: T) => T): void;
};

export function createStore<T>(initial: T): Store<T> {
  const listeners = new Set<(value: T) => void>();
  let value = initial;

  function set(next: T): void {
    if (Object.is(next, value)) return;
    value = next;
    for (const listener of [...listeners]) listener(value);
  }

  return {
    get: () => value,
    set,
    update: (change) => set(change(value)),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A part of a store, or something made of it, that tells only its own changes (`Object.is`). */
export const select = <T, U>(source: Readable<T>, pick: (value: T) => U): Readable<U> => ({
  get: () => pick(source.get()),
  subscribe(listener) {
    let last = pick(source.get());
    return source.subscribe((value) => {
      const next = pick(value);
      if (Object.is(next, last)) return;
      last = next;
      listener(next);
    });
  },
});
